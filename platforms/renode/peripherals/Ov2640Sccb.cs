// The OV2640's SCCB interface, in front of a camera of Renode's.
//
// Renode's model has no identification registers, and forgets the register's address at a stop. The
// sensor has PID, VER, MIDH and MIDL (OV2640 datasheet, table 13), and SCCB ends the address phase of
// a read with a stop (SCCB specification, 3.2.2). All else goes to the camera.
using Antmicro.Renode.Peripherals.I2C;

namespace Antmicro.Renode.Peripherals.Sensors
{
    public class Ov2640Sccb : II2CPeripheral
    {
        public Ov2640Sccb(II2CPeripheral camera)
        {
            this.camera = camera;
        }

        public void Reset()
        {
            address = 0;
            sensorBank = false;
            keepsAddress = false;
        }

        public void Write(byte[] data)
        {
            EndAddressPhase();
            if(data.Length > 0)
            {
                address = data[0];
            }
            keepsAddress = data.Length == 1;
            for(var n = 1; n < data.Length; n++)
            {
                if(address == BankSelect)
                {
                    sensorBank = (data[n] & 1) != 0;
                }
                else if(sensorBank && address == Com7 && (data[n] & SoftwareReset) != 0)
                {
                    sensorBank = false;
                }
            }
            camera.Write(data);
        }

        public byte[] Read(int count)
        {
            var answer = camera.Read(count);
            keepsAddress = false;
            if(sensorBank && answer.Length > 0)
            {
                switch(address)
                {
                case 0x0A: // PID
                    answer[0] = 0x26;
                    break;
                case 0x0B: // VER
                    answer[0] = 0x42;
                    break;
                case 0x1C: // MIDH
                    answer[0] = 0x7F;
                    break;
                case 0x1D: // MIDL
                    answer[0] = 0xA2;
                    break;
                }
            }
            return answer;
        }

        public void FinishTransmission()
        {
            if(!keepsAddress)
            {
                camera.FinishTransmission();
            }
        }

        private void EndAddressPhase()
        {
            if(keepsAddress)
            {
                keepsAddress = false;
                camera.FinishTransmission();
            }
        }

        private byte address;
        private bool sensorBank;
        private bool keepsAddress;

        private readonly II2CPeripheral camera;

        private const byte BankSelect = 0xFF;
        private const byte Com7 = 0x12;
        private const byte SoftwareReset = 0x80;
    }
}
