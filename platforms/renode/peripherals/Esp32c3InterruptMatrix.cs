// The interrupt matrix of the ESP32-C3 (TRM, chapter 8): which of 62 sources interrupts the core.
using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.CPU;
using Antmicro.Renode.Peripherals.Miscellaneous;

namespace Antmicro.Renode.Peripherals.IRQControllers
{
    public class Esp32c3InterruptMatrix : Esp32c3Words, IGPIOReceiver
    {
        public Esp32c3InterruptMatrix(Esp32c3Cpu cpu) : base(0x1000)
        {
            this.cpu = cpu;
            levels = new bool[Sources];
        }

        public override void Reset()
        {
            base.Reset();
            latched = 0;
            System.Array.Clear(levels, 0, levels.Length);
        }

        public void OnGPIO(int number, bool value)
        {
            if(value && !levels[number])
            {
                latched |= 1u << (int)InterruptOf(number);
            }
            levels[number] = value;
            Offer();
        }

        public override uint ReadDoubleWord(long offset)
        {
            switch(offset)
            {
            case 0xF8:
                return Status(0);
            case 0xFC:
                return Status(32);
            case EipStatus:
                return Pending();
            default:
                return base.ReadDoubleWord(offset);
            }
        }

        public override void WriteDoubleWord(long offset, uint value)
        {
            base.WriteDoubleWord(offset, value);
            if(offset == Clear)
            {
                latched &= ~value;
            }
            Offer();
        }

        private uint InterruptOf(int source)
        {
            return words[source] & 31;
        }

        private uint Status(int first)
        {
            var status = 0u;
            for(var n = 0; n < 32 && first + n < Sources; n++)
            {
                status |= (levels[first + n] ? 1u : 0u) << n;
            }
            return status;
        }

        private uint Pending()
        {
            var pending = 0u;
            for(var source = 0; source < Sources; source++)
            {
                pending |= (levels[source] ? 1u : 0u) << (int)InterruptOf(source);
            }
            var edges = words[Type / 4];
            return (pending & ~edges | latched & edges) & ~1u;
        }

        // The highest priority that passes the threshold; of equal ones the lowest number.
        private void Offer()
        {
            var pending = Pending() & words[Enable / 4];
            var best = 0u;
            var threshold = words[Threshold / 4];
            for(var n = 1u; n < 32; n++)
            {
                var priority = words[Priority / 4 + n];
                if((pending >> (int)n & 1) != 0 && priority >= threshold && priority > 0
                    && (best == 0 || priority > words[Priority / 4 + best]))
                {
                    best = n;
                }
            }
            cpu.Offer(best);
        }

        private uint latched;

        private readonly Esp32c3Cpu cpu;
        private readonly bool[] levels;

        private const int Sources = 62;
        private const int Enable = 0x104;
        private const int Type = 0x108;
        private const int Clear = 0x10C;
        private const int EipStatus = 0x110;
        private const int Priority = 0x114;
        private const int Threshold = 0x194;
    }
}
