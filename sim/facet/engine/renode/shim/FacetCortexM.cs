// A Cortex-M of Renode's that Python runs, and that faults as the architecture says.
//
// Renode's core executes, enters and leaves exceptions; its time and its threads are not used. Each
// translated block is one instruction, so that a register's access knows the exact count.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.Bus;
using Antmicro.Renode.Peripherals.CPU;
using Antmicro.Renode.Peripherals.IRQControllers;

namespace Antmicro.Renode.Peripherals.Facet
{
    public unsafe partial class FacetCortexM : CortexM, IRegisterHost
    {
        public FacetCortexM(IMachine machine, NVIC nvic, long lines, long shared)
            : base("cortex-m4f", machine, nvic)
        {
            Driver = new Driver(this, shared, PcRegister, 0);
            state = Driver.State;
            renodeNvic = nvic;
            view = new NvicView(nvic, (uint)lines);
            mpu = new ArmMpu();
            frame = new byte[ExtendedFrame];
            Functions = new FunctionTable();
            AddFunctions();
            nvic.IRQ.Connect(this, 0);
        }

        // Called once the core is registered on the bus.
        public void Prepare(long findSite)
        {
            started = true;   // else Renode drops interrupts
            isPaused = false; // else a block's hook keeps the block from running
            AddHookAtInterruptBegin(OnEntry);
            AddHookAtInterruptEnd(OnReturn);
            Driver.Prepare(Tlib.Of(this), findSite, OnMissingPage, OnSite);
            tlib = Driver.Tlib;
        }

        public Driver Driver { get; private set; }

        public FunctionTable Functions { get; private set; }

        // -- registers
        uint IRegisterHost.ReadRegister(uint address, uint size)
        {
            if(!BeginAccess(address, Accesses.Read))
            {
                return 0;
            }
            uint value;
            if(NvicView.Holds(address))
            {
                var word = view.Read(address & ~3u, Ipsr);
                value = word >> (int)(8 * (address & 3));
            }
            else
            {
                value = Driver.PieceOf(address).Read(address, size);
            }
            Driver.EndAccess();
            return value;
        }

        void IRegisterHost.WriteRegister(uint address, uint size, uint value)
        {
            if(!BeginAccess(address, Accesses.Write))
            {
                return;
            }
            if(NvicView.Holds(address) && (address >= PpbNvic || size == 4))
            {
                view.Write(address, size, value);
            }
            else
            {
                Driver.PieceOf(address).Write(address, size, value);
            }
            Driver.EndAccess();
        }

        private bool BeginAccess(uint address, uint access)
        {
            if(address >= Ppb && !Privileged && !(address == Stir && userMayPend))
            {
                Driver.StopBefore(Stops.Unprivileged, address, access);
                return false;
            }
            Driver.BeginAccess();
            return true;
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
                if(state->Waiting != 0)
                {
                    if(CanRun() == 0)
                    {
                        return Stops.Wait;
                    }
                    EndWait();
                }
                if(mpuChanged)
                {
                    SettleMpu();
                }
                if(Driver.Progress >= until || state->Reconsider != 0)
                {
                    // An interrupt that is due is entered first, as silicon would.
                    return Stops.Deadline;
                }
                if(view.AnyPending)
                {
                    TakeNmi();
                    view.Settle();
                }
                var stop = Step(until);
                if(stop != Stops.Deadline)
                {
                    return stop;
                }
            }
        }

        private uint Step(ulong until)
        {
            Driver.Stop = Stops.Deadline;
            handled.Kind = Sites.None;
            sleepsOnExit = false;
            var result = Driver.ExecuteUntil(until);
            isPaused = false;
            ClosePages();
            if(handled.Kind != Sites.None)
            {
                CarryOut(handled);
                return Stops.Deadline;
            }
            if(Driver.Stop == Stops.NoStack)
            {
                if(state->Exception != 0)
                {
                    RestoreFrame();
                    state->Exception = Ipsr;
                }
                else
                {
                    Rewind();
                }
                return Driver.Stop;
            }
            if(Driver.Stop == Stops.BadReturn)
            {
                Rewind();
                return Driver.Stop;
            }
            if(Driver.Stop != Stops.Deadline)
            {
                return Driver.Stop;
            }
            if(sleepsOnExit)
            {
                state->Waiting = 1;
                state->WaitsForEvent = 0;
                return Stops.Deadline;
            }
            if(result == Driver.Interrupted || result == Driver.ReturnRequested)
            {
                return Stops.Deadline;
            }
            if(result == Driver.WaitingForInterrupt)
            {
                TlibCleanWfiProcState();
                if(IsBranchToItself(Driver.Pc))
                {
                    SpinUntil(until);
                }
                else
                {
                    state->Waiting = 1;
                    state->WaitsForEvent = 0;
                }
                return Stops.Deadline;
            }
            state->Trap = (uint)result;
            return result < Driver.Interrupted ? Stops.Trap : Stops.Unknown;
        }

        // `b .`, which Renode takes for a wait: counts the rounds up to the end of the run.
        private void SpinUntil(ulong until)
        {
            if(until > Driver.Progress && Takeable(true) == 0)
            {
                Driver.SkipRounds(until);
            }
        }

        private bool IsBranchToItself(uint address)
        {
            var piece = Driver.PieceOf(address);
            return piece != null && piece.Holds(address, 2) && *(ushort*)piece.At(address) == 0xE7FE;
        }

        private void TakeNmi()
        {
            if(view.IsIn(1, NvicView.Nmi) && view.Group(NvicView.Nmi) < ExecutionPriority(true))
            {
                Enter(NvicView.Nmi);
            }
        }

        private int Takeable(bool withPrimask)
        {
            var number = view.AnyPending ? view.Best() : 0;
            return number != 0 && view.Group(number) < ExecutionPriority(withPrimask) ? number : 0;
        }

        private int ExecutionPriority(bool withPrimask)
        {
            return view.ExecutionPriority(tlib.Get(BasepriRegister), withPrimask && tlib.Get(PrimaskRegister) != 0, tlib.Get(FaultmaskRegister) != 0);
        }

        private int FaultPriority
        {
            get
            {
                var priority = view.ActivePriority();
                return priority >= 0 && tlib.Get(FaultmaskRegister) != 0 ? -1 : priority;
            }
        }

        // WFI ends when an exception would preempt if PRIMASK were clear; WFE when one preempts, and
        // on an event (ARM DDI 0403E, B1.5.17 to B1.5.19).
        private uint CanRun()
        {
            if(state->Waiting == 0)
            {
                return 1;
            }
            if(state->WaitsForEvent == 0)
            {
                return Takeable(false) != 0 ? 1u : 0u;
            }
            return view.EventRegister || Takeable(true) != 0 ? 1u : 0u;
        }

        private void EndWait()
        {
            if(state->Waiting != 0 && state->WaitsForEvent != 0)
            {
                view.EventRegister = false;
            }
            state->Waiting = 0;
        }

        private void ResetCore()
        {
            tlib.Reset();
            view.Reset();
            renodeNvic.BASEPRI_NS = 0;
            state->Waiting = 0;
            tlib.Set(XpsrRegister, ThumbBit);
            mpuChanged = true;
        }

        private void Configure(uint which, uint value)
        {
            switch(which)
            {
            case 0:
                view.PriorityGroupShift = value + 1;
                renodeNvic.WriteDoubleWord(0xD0C, 0x05FA0000 | value << 8, false);
                break;
            case 1:
                vtor = value;
                VectorTableOffset = value;
                break;
            case 2:
                sleepOnExit = value != 0;
                break;
            case 3:
                view.SendEventOnPend = value != 0;
                break;
            case 4:
                CPACR = value;
                FpuEnabled = (value >> 20 & 0xF) == 0xF;
                break;
            case 5:
                FPCCR = value;
                break;
            case 6:
                userMayPend = value != 0;
                break;
            }
        }

        private bool Privileged
        {
            get { return Ipsr != 0 || (tlib.Get(ControlRegister) & 1) == 0; }
        }

        private uint Ipsr
        {
            get { return tlib.Get(XpsrRegister) & IpsrBits; }
        }

        private void AddFunctions()
        {
            Functions.Add("run", new Run(RunUntil));
            Functions.Add("get", new Ask1(register => tlib.Get((int)register)));
            Functions.Add("set", new Call2((register, value) => tlib.Set((int)register, value)));
            Functions.Add("can_run", new Ask0(CanRun));
            Functions.Add("end_wait", new Call0(EndWait));
            Functions.Add("set_interrupt", new Call2((line, level) => view.SetInterrupt(line, level != 0)));
            Functions.Add("send_event", new Call0(() => view.EventRegister = true));
            Functions.Add("reset", new Call0(ResetCore));
            Functions.Add("configure", new Call2(Configure));
            Functions.Add("set_mpu", new CallArray(SetMpu));
            Functions.Add("enter", new Call1(Enter));
            Functions.Add("enter_instead", new Call2(EnterInstead));
            Functions.Add("forget_code", new Call0(Driver.ForgetCode));
            Functions.Add("in_set", new Ask2((set, number) => view.IsIn(set, (int)number) ? 1u : 0u));
            Functions.Add("set_enabled", new Call2((number, value) => view.SetEnabled((int)number, value != 0)));
            Functions.Add("set_pending", new Call2((number, value) => view.SetPending((int)number, value != 0)));
            Functions.Add("set_active", new Call2((number, value) => view.SetActive((int)number, value != 0)));
            Functions.Add("priority", new Ask1(number => view.StoredPriority((int)number)));
            Functions.Add("set_priority", new Call2((number, value) => view.SetPriority((int)number, value)));
            Functions.Add("group_of", new Ask1(number => unchecked((uint)view.Group((int)number))));
            Functions.Add("execution_priority", new Ask0(() => unchecked((uint)ExecutionPriority(true))));
        }

        private bool sleepsOnExit;
        private bool monitorArmed;
        private bool tailChains;
        private bool mpuChanged;
        private bool sleepOnExit;
        private bool userMayPend;
        private uint vtor;
        private uint entryPc;
        private uint entrySp;
        private SharedSite handled;
        private MemoryPiece keptPiece;
        private uint keptAddress;
        private uint keptBytes;

        private Tlib tlib;

        private readonly SharedState* state;
        private readonly NVIC renodeNvic;
        private readonly NvicView view;
        private readonly ArmMpu mpu;
        private readonly HashSet<uint> closePages = new HashSet<uint>();
        private readonly byte[] frame;
        private readonly uint[] snapshot = new uint[20];

        private const int SpRegister = 13;
        private const int LrRegister = 14;
        private const int PcRegister = 15;
        private const int ControlRegister = 18;
        private const int BasepriRegister = 19;
        private const int ProcessSpRegister = 21;
        private const int OtherSpRegister = 22;
        private const int XpsrRegister = 25;
        private const int PrimaskRegister = 28;
        private const int FaultmaskRegister = 30;
        private const uint BasepriMax = 18;

        private const uint IpsrBits = 0x1FF;
        private const uint ThumbBit = 1 << 24;
        private const uint ItBits = 0x0600FC00;
        private const uint Spsel = 2;
        private const uint Fpca = 4;
        private const uint BasicFrame = 0x20;
        private const uint ExtendedFrame = 0x68;
        private const uint Ppb = 0xE0000000;
        private const uint PpbNvic = 0xE000E100;
        private const uint Stir = 0xE000EF00;
        private const uint PageBytes = 0x400;

        // What an entry and a return take (ARM 100166, 3.9.1); facet.engine.armv7m.exceptions.
        private const uint EntryCycles = 12;
        private const uint ReturnCycles = 10;
        private const uint TailChainCycles = 6;
    }
}
