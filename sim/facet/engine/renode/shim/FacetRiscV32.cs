// An RV32IMC core of Renode's that Python runs, with the traps of the ESP32-C3 around it.
//
// Renode executes. Traps are entered here: the ESP32-C3 takes any of 31 interrupts, by a controller
// outside of the core, and its vector table has an entry for each.
using System;
using System.Runtime.InteropServices;

using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.CPU;

namespace Antmicro.Renode.Peripherals.Facet
{
    public unsafe partial class FacetRiscV32 : RiscV32, IRegisterHost
    {
        public FacetRiscV32(IMachine machine, long shared)
            : base(machine, "rv32imc_zicsr_zifencei", allowUnalignedAccesses: true, privilegeLevels: PrivilegeLevels.MachineUser)
        {
            Driver = new Driver(this, shared, PcRegister, 1);
            state = Driver.State;
            Functions = new FunctionTable();
            AddFunctions();
        }

        // Called once the core is registered on the bus.
        public void Prepare(long findSite)
        {
            started = true;
            isPaused = false; // else a block's hook keeps the block from running
            Driver.Prepare(Tlib.Of(this), findSite, OnMissingPage, OnSite);
            tlib = Driver.Tlib;
        }

        public Driver Driver { get; private set; }

        public FunctionTable Functions { get; private set; }

        // -- registers of peripherals
        uint IRegisterHost.ReadRegister(uint address, uint size)
        {
            Driver.BeginAccess();
            var value = Driver.PieceOf(address).Read(address, size);
            EndAccess();
            return value;
        }

        void IRegisterHost.WriteRegister(uint address, uint size, uint value)
        {
            Driver.BeginAccess();
            Driver.PieceOf(address).Write(address, size, value);
            EndAccess();
        }

        private void EndAccess()
        {
            Driver.EndAccess();
            if(state->Held != 0 || Takeable)
            {
                tlib.SetReturnRequest();
            }
        }

        private ExternalMmuResult OnMissingPage(ulong address, AccessType type, ulong? window, bool firstTry)
        {
            return firstTry ? ExternalMmuResult.Fault : Driver.Refuse((uint)address, Driver.AccessOf(type), false);
        }

        // -- instructions that Renode carries out in another way
        private void OnSite(ulong address, uint count)
        {
            switch(Driver.SiteAt((uint)address).Kind)
            {
            case Sites.Settle:
                if(state->Offered != 0)
                {
                    tlib.SetReturnRequest();
                }
                break;
            case Sites.Python:
                Driver.Stop = Stops.Site;
                Driver.StopsAtSite = true;
                isPaused = true; // Renode then leaves the block before its first instruction
                break;
            }
        }

        // -- traps
        // Volume II, 3.1.6 and 3.1.7.
        private void EnterTrap(uint cause, uint value, uint vector)
        {
            var privilege = tlib.Get(PrivRegister);
            tlib.Set(PrivRegister, Machine);
            var status = tlib.Get(MstatusRegister);
            var stacked = (status & Mie) != 0 ? Mpie : 0;
            tlib.Set(MstatusRegister, (status & ~(Mie | Mpie | Mpp)) | stacked | privilege << 11);
            tlib.Set(MepcRegister, Driver.Pc);
            tlib.Set(McauseRegister, cause);
            tlib.Set(MtvalRegister, value);
            Driver.Pc = vector;
            Driver.Spend(TrapCycles);
        }

        private bool Takeable
        {
            get
            {
                return state->Offered != 0
                    && (tlib.Get(PrivRegister) != Machine || (tlib.Get(MstatusRegister) & Mie) != 0);
            }
        }

        // -- running
        private uint RunUntil(ulong until)
        {
            for(;;)
            {
                if(state->Failed != 0)
                {
                    return Stops.Failed;
                }
                if(CanRun() == 0)
                {
                    return Stops.Wait;
                }
                state->Waiting = 0;
                if(Takeable)
                {
                    EnterTrap(1u << 31 | state->Offered, 0, (mtvec & ~1u) + 4 * state->Offered);
                }
                if(Driver.Progress >= until || state->Reconsider != 0)
                {
                    return Stops.Deadline;
                }
                Driver.Stop = Stops.Deadline;
                var result = Driver.ExecuteUntil(until);
                isPaused = false;
                if(Driver.Stop != Stops.Deadline)
                {
                    return Driver.Stop;
                }
                if(result == Driver.WaitingForInterrupt)
                {
                    TlibCleanWfiProcState();
                    Driver.Spend(0);
                    state->Waiting = 1;
                }
                else if(result != Driver.Interrupted && result != Driver.ReturnRequested)
                {
                    state->Trap = (uint)result;
                    return result < Driver.Interrupted ? Stops.Trap : Stops.Unknown;
                }
            }
        }

        private uint CanRun()
        {
            return state->Held == 0 && (state->Waiting == 0 || state->Offered != 0) ? 1u : 0u;
        }

        private void ResetCore()
        {
            tlib.Reset();
            state->Waiting = state->Held = 0;
        }

        private void AddFunctions()
        {
            Functions.Add("run", new Run(RunUntil));
            Functions.Add("get", new Ask1(register => tlib.Get((int)register)));
            Functions.Add("set", new Call2((register, value) => tlib.Set((int)register, value)));
            Functions.Add("can_run", new Ask0(CanRun));
            Functions.Add("reset", new Call0(ResetCore));
            Functions.Add("forget_code", new Call0(Driver.ForgetCode));
            Functions.Add("enter_trap", new Call3(EnterTrap));
            Functions.Add("count_carried_out", new Call0(Driver.CountCarriedOut));
            Functions.Add("set_mtvec", new Call1(value => mtvec = value));
        }

        private Tlib tlib;
        private uint mtvec;

        private readonly SharedState* state;

        private const int PcRegister = 32;
        private const int MstatusRegister = 833;
        private const int MepcRegister = 898;
        private const int McauseRegister = 899;
        private const int MtvalRegister = 900;
        private const int PrivRegister = 4161;
        private const uint TrapCycles = 4; // native/run.c of the Unicorn engine says why
        private const uint Machine = 3;
        private const uint Mie = 1 << 3;
        private const uint Mpie = 1 << 7;
        private const uint Mpp = 3 << 11;
    }
}
