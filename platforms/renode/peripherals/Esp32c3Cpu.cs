// The ESP32-C3's core (TRM, chapters 1 and 8): RV32IMC with a performance counter and 31 interrupts.
//
// Renode's core takes only some of the 31 interrupt numbers. All are taken here as one of those, and
// a hook on its entry in the vector table sends the core on to the entry of the one that is offered.
using System;

using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.CPU;

namespace Antmicro.Renode.Peripherals.CPU
{
    public class Esp32c3Cpu : RiscV32
    {
        public Esp32c3Cpu(IMachine machine)
            : base(machine, "rv32imc_zicsr_zifencei", allowUnalignedAccesses: true, privilegeLevels: PrivilegeLevels.MachineUser)
        {
            machineOfCore = machine;
            RegisterCustomInternalInterrupt(Carrier, false, false);
            RegisterCSR(0x7E0, () => mpcer, value => mpcer = value, "mpcer");
            RegisterCSR(0x7E1, () => mpcmr, value => mpcmr = value, "mpcmr");
            RegisterCSR(0x7E2, () => Count(), value => startCount = Happened() - value, "mpccr");
        }

        public override void Reset()
        {
            base.Reset();
            offered = 0;
            mpcer = 0;
            mpcmr = 0;
        }

        // The interrupt matrix offers an interrupt; 0: none.
        public void Offer(uint number)
        {
            offered = number;
            if(number != 0)
            {
                MIE = 1u << Carrier;
                HookVector();
            }
            OnGPIO(Carrier, number != 0);
        }

        private void HookVector()
        {
            var entry = ((uint)MTVEC.RawValue & ~0xFFu) + 4 * Carrier;
            if(entry == hooked)
            {
                return;
            }
            if(hooked != 0)
            {
                RemoveHooksAt(hooked);
            }
            hooked = entry;
            AddHook(entry, SendOn);
        }

        private void SendOn(ICpuSupportingGdb core, ulong address)
        {
            if(offered == 0 || offered == Carrier || (uint)MCAUSE.RawValue != (Interrupt | Carrier))
            {
                return;
            }
            MCAUSE = Interrupt | offered;
            PC = (uint)address - 4 * Carrier + 4 * offered;
        }

        // mpcmr: bit 0 lets it count.
        private ulong Count()
        {
            return (mpcmr & 1) != 0 ? Happened() - startCount & 0xFFFFFFFF : 0;
        }

        // mpcer: bit 0 chooses cycles, bit 1 instructions.
        private ulong Happened()
        {
            if((mpcer & 1) == 0)
            {
                return ExecutedInstructions;
            }
            SyncTime();
            return (ulong)(machineOfCore.ElapsedVirtualTime.TimeElapsed.TotalSeconds * Hz);
        }

        private uint offered;
        private uint hooked;
        private ulong mpcer;
        private ulong mpcmr;
        private ulong startCount;

        private readonly IMachine machineOfCore;

        private const int Carrier = 16;
        private const uint Interrupt = 1u << 31;
        private const double Hz = 160e6;
    }
}
