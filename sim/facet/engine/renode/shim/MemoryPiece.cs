// A memory or a window of registers of the chip, as the core sees it.
using System;

namespace Antmicro.Renode.Peripherals.Facet
{
    // Memory of the chip: where it lies on the host, and what the core may do with it.
    public class MemoryPiece
    {
        public uint Base;
        public uint Size;
        public IntPtr Host; // zero: registers
        public uint OnBus; // its address on Renode's bus
        public ulong Window; // of Renode's external MMU
        public uint Access;
        public ReadRegister Read;
        public WriteRegister Write;

        public IntPtr At(uint address)
        {
            return Host + (int)(address - Base);
        }

        public bool Holds(uint address, uint bytes)
        {
            return Host != IntPtr.Zero && address - Base < Size && address - Base <= Size - bytes;
        }
    }
}
