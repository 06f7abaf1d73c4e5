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
using Antmicro.Renode.Peripherals.Miscellaneous;
using Antmicro.Renode.Utilities.Binding;

namespace Antmicro.Renode.Peripherals.Facet
{
    public unsafe class FacetCortexM : CortexM, IRegisterHost
    {
        public FacetCortexM(IMachine machine, NVIC nvic, long lines, long shared)
            : base("cortex-m4f", machine, nvic)
        {
            state = (SharedState*)shared;
            renodeNvic = nvic;
            view = new NvicView(nvic, (uint)lines);
            memory = new List<MemoryPiece>();
            sites = new Dictionary<uint, SharedSite>();
            mpu = new ArmMpu();
            frame = new byte[ExtendedFrame];
            Functions = new FunctionTable();
            AddFunctions();
            nvic.IRQ.Connect(this, 0);
        }

        // Called once the core is registered on the bus.
        public void Prepare(long findSite)
        {
            this.findSite = Marshal.GetDelegateForFunctionPointer<FindSite>((IntPtr)findSite);
            started = true;   // else Renode drops interrupts
            isPaused = false; // else a block's hook keeps the block from running
            EnableExternalWindowMmu(ExternalMmuPosition.Replace);
            AddHookOnMmuFault(OnMissingPage);
            AddHookAtInterruptBegin(OnEntry);
            AddHookAtInterruptEnd(OnReturn);
            SetHookAtBlockBegin(OnSite);
            FacetSetBlockBeginHookPresent(0);
            FacetSetMaximumBlockSize(1);
            FacetSetReturnOnException(1);
            blockFound = OnBlockFound;
            FacetAttachBlockFound(Marshal.GetFunctionPointerForDelegate(blockFound));
        }

        public void AddMemory(uint address, uint size, long host, uint access)
        {
            memory.Add(new MemoryPiece { Base = address, Size = size, Host = (IntPtr)host, Access = access });
            AddWindow(address, size, access);
        }

        public void AddRegisters(uint address, uint size, long read, long write)
        {
            memory.Add(new MemoryPiece { Base = address, Size = size, Access = Accesses.Read | Accesses.Write });
            AddWindow(address, size, Accesses.Read | Accesses.Write);
            windows.Add(new Window
            {
                Base = address,
                Size = size,
                Read = Marshal.GetDelegateForFunctionPointer<ReadRegister>((IntPtr)read),
                Write = Marshal.GetDelegateForFunctionPointer<WriteRegister>((IntPtr)write),
            });
        }

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
                value = WindowOf(address).Read(address, size);
            }
            EndAccess();
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
                WindowOf(address).Write(address, size, value);
            }
            EndAccess();
        }

        private bool BeginAccess(uint address, uint access)
        {
            state->Pc = FacetGet(PcRegister);
            if(address >= Ppb && !Privileged && !(address == Stir && userMayPend))
            {
                StopBefore(Stops.Unprivileged, address, access);
                return false;
            }
            state->AtAccess = total + FacetTotal() - totalAtRun + 1;
            state->InAccess = 1;
            return true;
        }

        private void EndAccess()
        {
            state->InAccess = 0;
            if(state->Failed != 0 || state->Reconsider != 0)
            {
                FacetSetReturnRequest();
            }
        }

        // Ends the run on the instruction that accesses, which is not carried out.
        private void StopBefore(uint stop, uint address, uint access)
        {
            stopReason = stop;
            state->FaultAddress = address;
            state->FaultAccess = access;
            FacetRequestInterrupt(1);
        }

        // -- memory that is missing or forbidden
        private void AddWindow(uint address, uint size, uint access)
        {
            var privilege = (ExternalMmuBase.Privilege)access;
            var window = AcquireExternalMmuWindow(ExternalMmuBase.Privilege.All);
            SetMmuWindowStart(window, address);
            SetMmuWindowEnd(window, (ulong)address + size);
            SetMmuWindowAddend(window, 0);
            SetMmuWindowPrivileges(window, privilege);
        }

        private ExternalMmuResult OnMissingPage(ulong at, AccessType type, ulong? window, bool firstTry)
        {
            var address = (uint)at;
            var access = type == AccessType.Write ? Accesses.Write : type == AccessType.Execute ? Accesses.Execute : Accesses.Read;
            if(firstTry)
            {
                return mpu.Enabled && OpenPage(address, access) ? ExternalMmuResult.NoFault : ExternalMmuResult.Fault;
            }
            if(stopReason == Stops.Deadline)
            {
                stopReason = Stops.Memory;
                state->FaultAddress = address;
                state->FaultAccess = access;
                state->Denied = Allowed(address) != 0 && (Allowed(address) & access) != 0 ? 1u : 0u;
            }
            // Renode then puts the core back on the instruction and ends the run.
            return ExternalMmuResult.NoFault;
        }

        // With the MPU on no window stays: one is opened for each page that is missed.
        private bool OpenPage(uint address, uint access)
        {
            ResetAllMmuWindows();
            var privileged = Privileged;
            var applies = mpu.Applies(FaultPriority);
            var page = address & ~(PageBytes - 1);
            if((PageAccess(address, privileged, applies) & access) == 0)
            {
                return false;
            }
            var whole = Accesses.Read | Accesses.Write | Accesses.Execute;
            var any = 0u;
            for(var offset = 0u; offset < PageBytes; offset += ArmMpu.Grain)
            {
                var here = PageAccess(page + offset, privileged, applies);
                whole &= here;
                any |= here;
            }
            if(whole != any) // other parts of the page allow other accesses: open it for this one
            {
                closePages.Add(page);
                FacetSetReturnRequest();
                whole = access;
            }
            AddWindow(page, PageBytes, whole);
            return true;
        }

        private void ClosePages()
        {
            if(closePages.Count == 0)
            {
                return;
            }
            ResetAllMmuWindows();
            foreach(var page in closePages)
            {
                FacetFlushPage(page);
            }
            closePages.Clear();
        }

        private uint PageAccess(uint address, bool privileged, bool applies)
        {
            var allowed = Allowed(address);
            if(allowed != 0 && applies)
            {
                allowed &= mpu.Allows(address, privileged);
            }
            return allowed;
        }

        private uint Allowed(uint address)
        {
            var piece = PieceOf(address);
            return piece == null ? 0 : piece.Access;
        }

        private MemoryPiece PieceOf(uint address)
        {
            foreach(var piece in memory)
            {
                if(address - piece.Base < piece.Size)
                {
                    return piece;
                }
            }
            return null;
        }

        private void SetMpu(uint control, IntPtr regions)
        {
            var wasEnabled = mpu.Enabled;
            mpu.Set(control, (uint*)regions);
            if(wasEnabled || mpu.Enabled)
            {
                mpuChanged = true;
                FacetSetReturnRequest();
            }
        }

        private void SettleMpu()
        {
            mpuChanged = false;
            closePages.Clear();
            ResetAllMmuWindows();
            FacetFlushTlb(1);
            if(!mpu.Enabled)
            {
                foreach(var piece in memory)
                {
                    AddWindow(piece.Base, piece.Size, piece.Access);
                }
            }
        }

        // -- instructions that Renode carries out in another way
        private void OnBlockFound(ulong at)
        {
            var address = (uint)at;
            SharedSite site;
            if(!sites.TryGetValue(address, out site))
            {
                SharedSite found;
                findSite(address, (IntPtr)(&found));
                sites[address] = site = found;
            }
            FacetSetBlockBeginHookPresent(site.Kind == Sites.None ? 0u : 1u);
        }

        private void OnSite(ulong at, uint count)
        {
            SharedSite site;
            if(!sites.TryGetValue((uint)at, out site) || site.Kind == Sites.None || !ConditionHolds())
            {
                return;
            }
            switch(site.Kind)
            {
            case Sites.Divide:
                if(FacetGet((int)site.Value) == 0)
                {
                    StopAtSite(Stops.Site);
                }
                break;
            case Sites.Align:
                var address = ValueOf(site.Base) + site.Displacement + (ValueOf(site.Index) << (int)site.Shift);
                if((address & site.Mask) != 0)
                {
                    StopAtSite(Stops.Site);
                }
                else
                {
                    UseMonitor(site);
                }
                break;
            case Sites.SendEvent:
                view.EventRegister = true;
                break;
            case Sites.Settle:
                FacetSetReturnRequest();
                break;
            default:
                StopAtSite(Stops.Deadline); // carried out between runs
                handled = site;
                break;
            }
        }

        // The exclusive monitor, which an exception opens (ARM DDI 0403E, A3.4 and B1.5.8).
        private void UseMonitor(SharedSite site)
        {
            if(site.Exclusive == Sites.StoreExclusive && !monitorArmed)
            {
                StopAtSite(Stops.Deadline); // the store fails
                handled = site;
            }
            if(site.Exclusive != 0)
            {
                monitorArmed = site.Exclusive == Sites.LoadExclusive;
            }
        }

        private void StopAtSite(uint reason)
        {
            stopReason = reason;
            isPaused = true; // Renode then leaves the block before its first instruction
        }

        private void CarryOut(SharedSite site)
        {
            if(site.Kind == Sites.Basepri)
            {
                WriteBasepri(FacetGet((int)site.Value) & 0xF0, site.Special);
            }
            else if(site.Exclusive == Sites.StoreExclusive)
            {
                FacetSet((int)site.Value, 1);
            }
            else // WFE
            {
                state->Waiting = view.EventRegister ? 0u : 1u;
                state->WaitsForEvent = 1;
                view.EventRegister = false;
            }
            AdvanceIt();
            FacetSet(PcRegister, FacetGet(PcRegister) + site.Size);
            total++;
        }

        private void WriteBasepri(uint value, uint special)
        {
            var old = FacetGet(BasepriRegister) & 0xFF;
            if(!Privileged || (special == BasepriMax && (value == 0 || (old != 0 && value >= old))))
            {
                return;
            }
            FacetSet(BasepriRegister, value);
            renodeNvic.BASEPRI_NS = (byte)value;
        }

        // Whether the instruction at hand is carried out; false where an IT block skips it.
        private bool ConditionHolds()
        {
            var it = ItState;
            return it == 0 || EvaluateConditionCode(it >> 4);
        }

        private void AdvanceIt()
        {
            var it = ItState;
            if(it == 0)
            {
                return;
            }
            it = (it & 7) == 0 ? 0 : (it & 0xE0) | (it << 1 & 0x1F); // ARM DDI 0403E, A7.3.3
            var xpsr = FacetGet(XpsrRegister) & ~ItBits;
            FacetSet(XpsrRegister, xpsr | (it & 3) << 25 | (it >> 2) << 10);
        }

        private uint ItState
        {
            get
            {
                var xpsr = FacetGet(XpsrRegister);
                return (xpsr >> 25 & 3) | (xpsr >> 10 & 0x3F) << 2;
            }
        }

        private uint ValueOf(uint register)
        {
            return register == Sites.NoRegister ? 0 : FacetGet((int)register);
        }

        // -- exceptions
        private void OnEntry(ulong index)
        {
            // Renode stores the frame without a look at what is there.
            var fpca = (FacetGet(ControlRegister) & Fpca) != 0;
            var pointer = FacetGet(SpRegister);
            var bytes = fpca ? ExtendedFrame : BasicFrame;
            var low = (pointer & ~7u) - bytes;
            entryPc = FacetGet(PcRegister);
            entrySp = pointer;
            var control = FacetGet(ControlRegister);
            if((control & Spsel) != 0) // a handler reads CONTROL.SPSEL as 0
            {
                FacetSet(ControlRegister, control & ~Spsel);
            }
            CheckFrame(low, bytes, Accesses.Write, Privileged, () => (uint)view.Best());
            if(stopReason == Stops.NoStack)
            {
                KeepFrame(low, bytes);
            }
            monitorArmed = false;
        }

        private void OnReturn(ulong index)
        {
            // The PC is still the EXC_RETURN value, and nothing has been taken off the stack.
            var value = FacetGet(PcRegister) | 1;
            state->ExcReturn = value;
            view.EventRegister = true;
            var to = value & 0xF;
            if(Ipsr == 0 || (value | 0x1F) != 0xFFFFFFFF || (to != 1 && to != 9 && to != 0xD))
            {
                stopReason = Stops.BadReturn;
                Snapshot();
                FacetSetReturnRequest();
                return;
            }
            var useProcessStack = (value & 4) != 0;
            var pointer = useProcessStack ? FacetGet(OtherSpRegister) : FacetGet(SpRegister);
            var bytes = (value & 0x10) == 0 ? ExtendedFrame : BasicFrame;
            var privileged = to == 1 || (FacetGet(ControlRegister) & 1) == 0;
            CheckFrame(pointer, bytes, Accesses.Read, privileged, () => 0);
            if(stopReason == Stops.NoStack)
            {
                Snapshot();
            }
            if((to & 8) != 0)
            {
                var control = FacetGet(ControlRegister) & ~Spsel;
                FacetSet(ControlRegister, control | (useProcessStack ? Spsel : 0));
            }
            if(!view.AnyActive && sleepOnExit)
            {
                sleepsOnExit = true;
                FacetSetReturnRequest();
            }
            monitorArmed = false;
        }

        private void CheckFrame(uint low, uint bytes, uint access, bool privileged, Func<uint> exception)
        {
            var applies = mpu.Applies(FaultPriority);
            var allowed = FrameAccess(low, bytes, privileged, false);
            var denied = applies && (FrameAccess(low, bytes, privileged, true) & access) == 0;
            if((allowed & access) != 0 && !denied)
            {
                return;
            }
            stopReason = Stops.NoStack;
            state->FaultAddress = low;
            state->Pc = entryPc;
            state->Pointer = entrySp;
            state->Exception = exception();
            state->Denied = (allowed & access) != 0 ? 1u : 0u;
            FacetSetReturnRequest();
        }

        private uint FrameAccess(uint low, uint bytes, bool privileged, bool applies)
        {
            var first = PieceOf(low);
            if(first == null || first.Host == IntPtr.Zero || low - first.Base > first.Size - bytes)
            {
                return 0;
            }
            return PageAccess(low, privileged, applies) & PageAccess(low + bytes - 1, privileged, applies);
        }

        // What a frame that must not be stored is going to overwrite.
        private void KeepFrame(uint low, uint bytes)
        {
            var piece = PieceOf(low);
            keptPiece = piece != null && piece.Host != IntPtr.Zero && low - piece.Base <= piece.Size - bytes ? piece : null;
            if(keptPiece != null)
            {
                Marshal.Copy(keptPiece.Host + (int)(low - piece.Base), frame, 0, (int)bytes);
                keptAddress = low;
                keptBytes = bytes;
            }
        }

        private void RestoreFrame()
        {
            if(keptPiece != null)
            {
                Marshal.Copy(frame, 0, keptPiece.Host + (int)(keptAddress - keptPiece.Base), (int)keptBytes);
            }
            keptPiece = null;
        }

        private void Snapshot()
        {
            for(var n = 0; n < 16; n++)
            {
                snapshot[n] = FacetGet(n);
            }
            snapshot[16] = FacetGet(XpsrRegister);
            snapshot[17] = FacetGet(OtherSpRegister);
            snapshot[18] = FacetGet(ProcessSpRegister);
            snapshot[19] = FacetGet(ControlRegister);
        }

        // Takes back an exception return that must not be carried out.
        private void Rewind()
        {
            FacetSet(ControlRegister, snapshot[19]);
            FacetSet(ProcessSpRegister, snapshot[18]);
            FacetSet(OtherSpRegister, snapshot[17]);
            FacetSet(XpsrRegister, snapshot[16]);
            for(var n = 0; n < 16; n++)
            {
                FacetSet(n, snapshot[n]);
            }
        }

        // Enters a handler now, whatever is active, pending or masked.
        private void Enter(uint number)
        {
            var wasEnabled = view.IsIn(0, (int)number);
            var primask = FacetGet(PrimaskRegister);
            var faultmask = FacetGet(FaultmaskRegister);
            var basepri = FacetGet(BasepriRegister);
            FacetSet(PrimaskRegister, 0);
            FacetSet(FaultmaskRegister, 0);
            FacetSet(BasepriRegister, 0);
            renodeNvic.BASEPRI_NS = 0;
            view.Force((int)number);
            stopReason = Stops.Deadline;
            FacetSetReturnRequest();
            Execute(1);
            view.Unforce((int)number, wasEnabled);
            FacetSet(BasepriRegister, basepri);
            renodeNvic.BASEPRI_NS = (byte)basepri;
            FacetSet(FaultmaskRegister, faultmask);
            FacetSet(PrimaskRegister, primask);
            if(stopReason == Stops.NoStack)
            {
                state->Exception = number;
                RestoreFrame();
            }
            state->Trap = stopReason;
            stopReason = Stops.Deadline;
        }

        // The handler that Renode entered although its frame had no memory becomes another.
        private void EnterInstead(uint entered, uint number)
        {
            view.Replace((int)entered, (int)number);
            var xpsr = FacetGet(XpsrRegister) & ~IpsrBits;
            FacetSet(XpsrRegister, xpsr | number);
            FacetSet(LrRegister, 0xFFFFFFF9);
            var vector = ReadWord(vtor + 4 * number);
            FacetSet(PcRegister, vector & ~1u);
            FacetSet(XpsrRegister, FacetGet(XpsrRegister) & ~ThumbBit | ((vector & 1) != 0 ? ThumbBit : 0));
        }

        private uint ReadWord(uint address)
        {
            var piece = PieceOf(address);
            return piece == null || piece.Host == IntPtr.Zero ? 0 : *(uint*)(piece.Host + (int)(address - piece.Base));
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
                if(total >= until || state->Reconsider != 0)
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
            stopReason = Stops.Deadline;
            handled.Kind = Sites.None;
            sleepsOnExit = false;
            var result = Execute((uint)Math.Min(until - total, LongestRun));
            isPaused = false;
            ClosePages();
            if(handled.Kind != Sites.None)
            {
                CarryOut(handled);
                return Stops.Deadline;
            }
            if(stopReason == Stops.NoStack)
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
                return stopReason;
            }
            if(stopReason == Stops.BadReturn)
            {
                Rewind();
                return stopReason;
            }
            if(stopReason != Stops.Deadline)
            {
                return stopReason;
            }
            if(sleepsOnExit)
            {
                state->Waiting = 1;
                state->WaitsForEvent = 0;
                return Stops.Deadline;
            }
            if(result == Interrupted || result == ReturnRequested)
            {
                return Stops.Deadline;
            }
            if(result == WaitingForInterrupt)
            {
                TlibCleanWfiProcState();
                if(IsBranchToItself(FacetGet(PcRegister)))
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
            return result < Interrupted ? Stops.Trap : Stops.Unknown;
        }

        private int Execute(uint count)
        {
            totalAtRun = FacetTotal();
            var result = FacetExecute(count);
            total += FacetExecuted();
            state->Instructions = total;
            return result;
        }

        // `b .`, which Renode takes for a wait: counts the rounds up to the end of the run.
        private void SpinUntil(ulong until)
        {
            if(until > total && Takeable(true) == 0)
            {
                state->Skipped += until - total;
                total = until;
                state->Instructions = total;
            }
        }

        private bool IsBranchToItself(uint address)
        {
            var piece = PieceOf(address);
            return piece != null && piece.Host != IntPtr.Zero && *(ushort*)(piece.Host + (int)(address - piece.Base)) == 0xE7FE;
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
            return view.ExecutionPriority(FacetGet(BasepriRegister), withPrimask && FacetGet(PrimaskRegister) != 0, FacetGet(FaultmaskRegister) != 0);
        }

        private int FaultPriority
        {
            get
            {
                var priority = view.ActivePriority();
                return priority >= 0 && FacetGet(FaultmaskRegister) != 0 ? -1 : priority;
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
            FacetReset();
            view.Reset();
            renodeNvic.BASEPRI_NS = 0;
            state->Waiting = 0;
            FacetSet(XpsrRegister, ThumbBit);
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
            get { return Ipsr != 0 || (FacetGet(ControlRegister) & 1) == 0; }
        }

        private uint Ipsr
        {
            get { return FacetGet(XpsrRegister) & IpsrBits; }
        }

        private void ForgetSites()
        {
            sites.Clear();
            FacetInvalidate();
        }

        private void AddFunctions()
        {
            Functions.Add("run", new Run(RunUntil));
            Functions.Add("get", new Ask1(register => FacetGet((int)register)));
            Functions.Add("set", new Call2((register, value) => FacetSet((int)register, value)));
            Functions.Add("can_run", new Ask0(CanRun));
            Functions.Add("end_wait", new Call0(EndWait));
            Functions.Add("set_interrupt", new Call2((line, level) => view.SetInterrupt(line, level != 0)));
            Functions.Add("send_event", new Call0(() => view.EventRegister = true));
            Functions.Add("reset", new Call0(ResetCore));
            Functions.Add("configure", new Call2(Configure));
            Functions.Add("set_mpu", new CallArray(SetMpu));
            Functions.Add("enter", new Call1(Enter));
            Functions.Add("enter_instead", new Call2(EnterInstead));
            Functions.Add("forget_sites", new Call0(ForgetSites));
            Functions.Add("in_set", new Ask2((set, number) => view.IsIn(set, (int)number) ? 1u : 0u));
            Functions.Add("set_enabled", new Call2((number, value) => view.SetEnabled((int)number, value != 0)));
            Functions.Add("set_pending", new Call2((number, value) => view.SetPending((int)number, value != 0)));
            Functions.Add("set_active", new Call2((number, value) => view.SetActive((int)number, value != 0)));
            Functions.Add("priority", new Ask1(number => view.StoredPriority((int)number)));
            Functions.Add("set_priority", new Call2((number, value) => view.SetPriority((int)number, value)));
            Functions.Add("group_of", new Ask1(number => unchecked((uint)view.Group((int)number))));
            Functions.Add("execution_priority", new Ask0(() => unchecked((uint)ExecutionPriority(true))));
        }

        private Window WindowOf(uint address)
        {
            foreach(var window in windows)
            {
                if(address - window.Base < window.Size)
                {
                    return window;
                }
            }
            throw new InvalidOperationException($"no window of registers at 0x{address:X8}");
        }

        private class Window
        {
            public uint Base;
            public uint Size;
            public ReadRegister Read;
            public WriteRegister Write;
        }

        private ulong total;
        private ulong totalAtRun;
        private uint stopReason;
        private bool sleepsOnExit;
        private bool monitorArmed;
        private bool mpuChanged;
        private bool sleepOnExit;
        private bool userMayPend;
        private uint vtor;
        private uint entryPc;
        private uint entrySp;
        private SharedSite handled;
        private FindSite findSite;
        private Block blockFound;
        private MemoryPiece keptPiece;
        private uint keptAddress;
        private uint keptBytes;

        private readonly SharedState* state;
        private readonly NVIC renodeNvic;
        private readonly NvicView view;
        private readonly ArmMpu mpu;
        private readonly List<MemoryPiece> memory;
        private readonly List<Window> windows = new List<Window>();
        private readonly HashSet<uint> closePages = new HashSet<uint>();
        private readonly Dictionary<uint, SharedSite> sites;
        private readonly byte[] frame;
        private readonly uint[] snapshot = new uint[20];

        // 649: assigned by Renode's NativeBinder
#pragma warning disable 649
        [Import(Name = "tlib_execute")]
        private readonly Func<uint, int> FacetExecute;
        [Import(Name = "tlib_get_executed_instructions")]
        private readonly Func<ulong> FacetExecuted;
        [Import(Name = "tlib_get_total_executed_instructions")]
        private readonly Func<ulong> FacetTotal;
        [Import(Name = "tlib_get_register_value_32")]
        private readonly Func<int, uint> FacetGet;
        [Import(Name = "tlib_set_register_value_32")]
        private readonly Action<int, uint> FacetSet;
        [Import(Name = "tlib_set_return_on_exception")]
        private readonly Func<int, int> FacetSetReturnOnException;
        [Import(Name = "tlib_set_block_begin_hook_present")]
        private readonly Action<uint> FacetSetBlockBeginHookPresent;
        [Import(Name = "tlib_set_maximum_block_size")]
        private readonly Func<uint, uint> FacetSetMaximumBlockSize;
        [Import(Name = "tlib_set_return_request")]
        private readonly Action FacetSetReturnRequest;
        [Import(Name = "tlib_request_translation_block_interrupt")]
        private readonly Action<int> FacetRequestInterrupt;
        [Import(Name = "renode_attach_log_translation_block_fetch")]
        private readonly Action<IntPtr> FacetAttachBlockFound;
        [Import(Name = "tlib_flush_page")]
        private readonly Action<ulong> FacetFlushPage;
        [Import(Name = "tlib_flush_tlb")]
        private readonly Action<uint> FacetFlushTlb;
        [Import(Name = "tlib_reset")]
        private readonly Action FacetReset;
        [Import(Name = "tlib_invalidate_translation_cache")]
        private readonly Action FacetInvalidate;
#pragma warning restore 649

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
        private const ulong LongestRun = 1 << 30;

        private const int Interrupted = 0x10000; // of tlib_execute
        private const int WaitingForInterrupt = 0x10001;
        private const int ReturnRequested = 0x10005;
    }
}
