// Registers of the ESP32-C3 that keep what is written, and what is built upon them.
using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.Bus;

namespace Antmicro.Renode.Peripherals.Miscellaneous
{
    public class Esp32c3Words : IDoubleWordPeripheral, IKnownSize
    {
        public Esp32c3Words(long size)
        {
            Size = size;
            words = new uint[size / 4];
        }

        public virtual void Reset()
        {
            System.Array.Clear(words, 0, words.Length);
        }

        public virtual uint ReadDoubleWord(long offset)
        {
            return words[offset / 4];
        }

        public virtual void WriteDoubleWord(long offset, uint value)
        {
            words[offset / 4] = value;
        }

        public long Size { get; private set; }

        // Brings virtual time up to the instruction under way.
        protected static void SyncTime(IMachine machine)
        {
            Antmicro.Renode.Peripherals.CPU.ICPU cpu;
            if(machine.SystemBus.TryGetCurrentCPU(out cpu))
            {
                cpu.SyncTime();
            }
        }

        protected readonly uint[] words;
    }

    // EXTMEM (TRM, 3.3.3): the flash's cache is always idle, and an invalidation is done at once.
    public class Esp32c3Extmem : Esp32c3Words
    {
        public Esp32c3Extmem() : base(0x1000)
        {
        }

        public override uint ReadDoubleWord(long offset)
        {
            switch(offset)
            {
            case 0x28: // ICACHE_SYNC_CTRL
                return 2; // ICACHE_SYNC_DONE
            case 0xB0: // CACHE_STATE
                return 1; // idle
            default:
                return base.ReadDoubleWord(offset);
            }
        }
    }

    // Timer group 0 (TRM, chapters 11 and 12): the meter of the slow clock; the watchdog never bites.
    public class Esp32c3TimerGroup : Esp32c3Words
    {
        public Esp32c3TimerGroup() : base(0x1000)
        {
        }

        public override uint ReadDoubleWord(long offset)
        {
            switch(offset)
            {
            case 0x68: // RTCCALICFG: ready as soon as it is started
                return base.ReadDoubleWord(offset) | 1 << 15;
            case 0x6C: // RTCCALICFG1: cycles of the crystal in RTC_CALI_MAX cycles of the slow clock
                var measured = base.ReadDoubleWord(0x68) >> 16 & 0x7FFF;
                return (uint)((ulong)measured * CrystalHz / SlowHz) << 7;
            default:
                return base.ReadDoubleWord(offset);
            }
        }

        public const uint SlowHz = 136000;
        private const ulong CrystalHz = 40000000;
    }
}
