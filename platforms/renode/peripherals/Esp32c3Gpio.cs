// The pins of the ESP32-C3 (TRM, chapter 5): outputs by GPIO_OUT, inputs; no matrix, no interrupts.
using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.Bus;

namespace Antmicro.Renode.Peripherals.GPIOPort
{
    public class Esp32c3Gpio : BaseGPIOPort, IDoubleWordPeripheral, IKnownSize
    {
        public Esp32c3Gpio(IMachine machine) : base(machine, Pins)
        {
            words = new uint[Size / 4];
        }

        public override void Reset()
        {
            base.Reset();
            System.Array.Clear(words, 0, words.Length);
        }

        public uint ReadDoubleWord(long offset)
        {
            if(offset != In)
            {
                return words[offset / 4];
            }
            var level = 0u;
            for(var n = 0; n < Pins; n++)
            {
                level |= (State[n] ? 1u : 0u) << n;
            }
            return level;
        }

        public void WriteDoubleWord(long offset, uint value)
        {
            switch(offset)
            {
            case 0x08: // OUT_W1TS
                words[Out / 4] |= value;
                break;
            case 0x0C: // OUT_W1TC
                words[Out / 4] &= ~value;
                break;
            case 0x24: // ENABLE_W1TS
                words[Enable / 4] |= value;
                break;
            case 0x28: // ENABLE_W1TC
                words[Enable / 4] &= ~value;
                break;
            default:
                words[offset / 4] = value;
                break;
            }
            for(var n = 0; n < Pins; n++)
            {
                if((words[Enable / 4] >> n & 1) != 0)
                {
                    Connections[n].Set((words[Out / 4] >> n & 1) != 0);
                }
            }
        }

        public long Size { get { return 0x800; } }

        private readonly uint[] words;

        private const int Pins = 22;
        private const long Out = 0x04;
        private const long Enable = 0x20;
        private const long In = 0x3C;
    }
}
