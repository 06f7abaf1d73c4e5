// The registers of the NVIC and ICSR (ARM DDI 0403E, B3.4 and B3.2.4).
namespace Antmicro.Renode.Peripherals.Facet
{
    public partial class NvicView
    {
        public static bool Holds(uint address)
        {
            return address == Icsr || (address >= First && address < Last);
        }

        public uint Read(uint address, uint ipsr)
        {
            if(address == Icsr)
            {
                return ReadIcsr(ipsr);
            }
            if(address >= Ipr)
            {
                var value = 0u;
                for(var n = 0u; n < 4 && address - Ipr + n < lines; n++)
                {
                    value |= (uint)priorities[FirstInterrupt + address - Ipr + n] << (int)(8 * n);
                }
                return value;
            }
            uint set;
            switch(address & 0x380)
            {
            case 0x100: // ISER
            case 0x180: // ICER
                set = 0;
                break;
            case 0x200: // ISPR
            case 0x280: // ICPR
                set = 1;
                break;
            case 0x300: // IABR
                set = 2;
                break;
            default:
                return 0;
            }
            var bits = 0u;
            var first = (address & 0x7F) / 4 * 32;
            for(var n = 0u; n < 32 && first + n < lines; n++)
            {
                bits |= (IsIn(set, (int)(FirstInterrupt + first + n)) ? 1u : 0u) << (int)n;
            }
            return bits;
        }

        public void Write(uint address, uint size, uint value)
        {
            if(address == Icsr)
            {
                WriteIcsr(value);
                return;
            }
            if(address >= Ipr)
            {
                for(var n = 0u; n < size; n++)
                {
                    var line = address - Ipr + n;
                    if(line < lines)
                    {
                        SetPriority((int)(FirstInterrupt + line), value >> (int)(8 * n));
                    }
                }
                return;
            }
            var first = (address & 0x7C) / 4 * 32 + 8 * (address & 3);
            for(var n = 0u; n < 8 * size && first + n < lines; n++)
            {
                if((value >> (int)n & 1) == 0)
                {
                    continue;
                }
                var number = (int)(FirstInterrupt + first + n);
                switch(address & 0x380)
                {
                case 0x100:
                    SetEnabled(number, true);
                    break;
                case 0x180:
                    SetEnabled(number, false);
                    break;
                case 0x200:
                    SetPending(number, true);
                    break;
                case 0x280: // an input that is still high stays pending
                    if(!levels[number - FirstInterrupt] || active.Contains(number))
                    {
                        SetPending(number, false);
                    }
                    break;
                }
            }
        }

        private uint ReadIcsr(uint ipsr)
        {
            var interrupts = false;
            foreach(var number in pending)
            {
                interrupts |= number >= FirstInterrupt;
            }
            return ipsr | (active.Count <= 1 ? 1u : 0u) << 11 | (uint)Best() << 12
                | (interrupts ? 1u : 0u) << 22 | (pending.Contains(SysTick) ? 1u : 0u) << 26
                | (pending.Contains(PendSv) ? 1u : 0u) << 28 | (pending.Contains(Nmi) ? 1u : 0u) << 31;
        }

        private void WriteIcsr(uint value)
        {
            if((value >> 31 & 1) != 0)
            {
                SetPending(Nmi, true);
            }
            if((value >> 28 & 1) != 0)
            {
                SetPending(PendSv, true);
            }
            if((value >> 26 & 1) != 0)
            {
                SetPending(SysTick, true);
            }
            if((value >> 27 & 1) != 0)
            {
                SetPending(PendSv, false);
            }
            if((value >> 25 & 1) != 0)
            {
                SetPending(SysTick, false);
            }
        }
    }
}
