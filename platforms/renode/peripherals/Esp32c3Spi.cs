// SPI2 of the ESP32-C3 (TRM, chapter 27) as master: a transfer takes no time.
using Antmicro.Renode.Core;
using Antmicro.Renode.Core.Structure;
using Antmicro.Renode.Peripherals.Bus;
using Antmicro.Renode.Peripherals.DMA;

namespace Antmicro.Renode.Peripherals.SPI
{
    public class Esp32c3Spi : NullRegistrationPointPeripheralContainer<ISPIPeripheral>, IDoubleWordPeripheral, IKnownSize
    {
        public Esp32c3Spi(IMachine machine, Esp32c3Dma dma) : base(machine)
        {
            this.dma = dma;
            IRQ = new GPIO();
            words = new uint[Size / 4];
        }

        public override void Reset()
        {
            System.Array.Clear(words, 0, words.Length);
            raw = 0;
            Update();
        }

        public uint ReadDoubleWord(long offset)
        {
            switch(offset)
            {
            case IntRaw:
                return raw;
            case IntSt:
                return raw & words[IntEna / 4];
            default:
                return words[offset / 4];
            }
        }

        public void WriteDoubleWord(long offset, uint value)
        {
            switch(offset)
            {
            case Cmd: // UPDATE and USR are done at once
                if((value >> 24 & 1) != 0)
                {
                    Transfer();
                }
                break;
            case IntClr:
                raw &= ~value;
                break;
            case IntRaw:
            case IntSt:
                return;
            default:
                words[offset / 4] = value;
                break;
            }
            Update();
        }

        public long Size { get { return 0x100; } }

        public GPIO IRQ { get; private set; }

        private void Transfer()
        {
            var count = (int)((words[MsDlen / 4] & 0x3FFFF) + 1) / 8;
            var sends = (words[User / 4] >> 27 & 1) != 0;
            var byDma = (words[DmaConf / 4] >> 27 & 1) != 0; // DMA_RX_ENA
            var answer = new byte[count];
            for(var n = 0; n < count; n++)
            {
                var value = sends && n < Buffer ? (byte)(words[W / 4 + n / 4] >> 8 * (n % 4)) : (byte)0;
                answer[n] = RegisteredPeripheral == null ? (byte)0 : RegisteredPeripheral.Transmit(value);
            }
            if(byDma)
            {
                dma.Receive(answer);
            }
            else
            {
                for(var n = 0; n < count && n < Buffer; n++)
                {
                    var shift = 8 * (n % 4);
                    words[W / 4 + n / 4] = words[W / 4 + n / 4] & ~(0xFFu << shift) | (uint)answer[n] << shift;
                }
            }
            raw |= TransDone;
        }

        private void Update()
        {
            IRQ.Set((raw & words[IntEna / 4]) != 0);
        }

        private uint raw;

        private readonly uint[] words;
        private readonly Esp32c3Dma dma;

        private const int Buffer = 64;
        private const uint TransDone = 1u << 12;
        private const long Cmd = 0x00;
        private const long User = 0x10;
        private const long MsDlen = 0x1C;
        private const long DmaConf = 0x30;
        private const long IntEna = 0x34;
        private const long IntClr = 0x38;
        private const long IntRaw = 0x3C;
        private const long IntSt = 0x40;
        private const long W = 0x98;
    }
}
