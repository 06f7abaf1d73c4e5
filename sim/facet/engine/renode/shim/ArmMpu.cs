// The regions of the ARMv7-M memory protection unit (ARM DDI 0403E, B3.5).
namespace Antmicro.Renode.Peripherals.Facet
{
    public unsafe class ArmMpu
    {
        public bool Enabled { get { return (control & 1) != 0; } }

        public void Set(uint control, uint* regions)
        {
            this.control = control;
            for(var n = 0; n < Regions; n++)
            {
                bases[n] = regions[2 * n];
                attributes[n] = regions[2 * n + 1];
            }
        }

        // Whether it protects at all at an execution priority (HFNMIENA).
        public bool Applies(int priority)
        {
            return Enabled && (priority >= 0 || (control & 2) != 0);
        }

        // The accesses that it allows at an address.
        public uint Allows(uint address, bool privileged)
        {
            if(address >= 0xE0000000 && address <= 0xE00FFFFF) // the private peripheral bus
            {
                return Accesses.Read | Accesses.Write;
            }
            for(var n = Regions - 1; n >= 0; n--)
            {
                if(!Covers(n, address))
                {
                    continue;
                }
                var allowed = Permissions[attributes[n] >> 24 & 7, privileged ? 0 : 1];
                var code = (allowed & Accesses.Read) != 0 && (attributes[n] >> 28 & 1) == 0 && !NeverExecuted(address);
                return allowed | (code ? Accesses.Execute : 0);
            }
            if(!privileged || (control & 4) == 0) // PRIVDEFENA
            {
                return 0;
            }
            return Accesses.Read | Accesses.Write | (NeverExecuted(address) ? 0 : Accesses.Execute);
        }

        private bool Covers(int n, uint address)
        {
            if((attributes[n] & 1) == 0)
            {
                return false;
            }
            var bits = (int)(attributes[n] >> 1 & 31) + 1; // the region has 2^bits bytes
            if(bits < 32 && (address ^ bases[n]) >> bits != 0)
            {
                return false;
            }
            return bits < 8 || (attributes[n] >> (int)(8 + (address >> (bits - 3) & 7)) & 1) == 0;
        }

        private static bool NeverExecuted(uint address)
        {
            return (address >= 0x40000000 && address < 0x60000000) || address >= 0xA0000000;
        }

        private uint control;

        private readonly uint[] bases = new uint[Regions];
        private readonly uint[] attributes = new uint[Regions];

        public const uint Grain = 32; // the smallest region, bytes

        private const int Regions = 8;
        private const uint RW = Accesses.Read | Accesses.Write;
        private const uint R = Accesses.Read;
        // What RASR.AP allows to privileged and to unprivileged code (table B3-15).
        private static readonly uint[,] Permissions =
        {
            { 0, 0 }, { RW, 0 }, { RW, R }, { RW, RW }, { 0, 0 }, { R, 0 }, { R, R }, { R, R },
        };
    }
}
