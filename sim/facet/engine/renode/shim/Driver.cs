// Runs a core of Renode's from outside, for both architectures: counts, memory, registers, stops.
//
// Without the cycle model each translated block is one instruction, with it a block ends behind an
// access: so an access to a register knows the exact count.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using Antmicro.Renode.Peripherals.CPU;
using Antmicro.Renode.Peripherals.Miscellaneous;

namespace Antmicro.Renode.Peripherals.Facet
{
    public unsafe class Driver
    {
        public Driver(TranslationCPU core, long shared, int pcRegister, int firstRegister)
        {
            this.firstRegister = firstRegister;
            this.core = core;
            this.pcRegister = pcRegister;
            State = (SharedState*)shared;
            Memory = new List<MemoryPiece>();
        }

        // Called once the core is registered on the bus.
        public void Prepare(Tlib tlib, long findSite, ExternalMmuFaultHook onMissingPage, Action<ulong, uint> onSite)
        {
            Tlib = tlib;
            this.findSite = Marshal.GetDelegateForFunctionPointer<FindSite>((IntPtr)findSite);
            core.EnableExternalWindowMmu(ExternalMmuPosition.Replace);
            core.AddHookOnMmuFault(onMissingPage);
            this.onSite = onSite;
            core.SetHookAtBlockBegin(onSite);
            tlib.SetBlockBeginHookPresent(0);
            tlib.SetMaximumBlockSize(1);
            tlib.SetReturnOnException(1);
            blockFound = OnBlockFound;
            tlib.AttachBlockFound(Marshal.GetFunctionPointerForDelegate(blockFound));
        }

        // Counts cycles by the cycle model from now on: Renode calls its C function at each block,
        // without the way through .NET.
        public void Cost(long costs, long use, long block, long spend, long carriedOut, long divide, long skip)
        {
            this.costs = (SharedCosts*)costs;
            useCosts = Marshal.GetDelegateForFunctionPointer<CallPointer>((IntPtr)use);
            spendCycles = Marshal.GetDelegateForFunctionPointer<CallPointer1>((IntPtr)spend);
            costCarriedOut = Marshal.GetDelegateForFunctionPointer<CallPointer1>((IntPtr)carriedOut);
            costDivision = Marshal.GetDelegateForFunctionPointer<CallPointer3>((IntPtr)divide);
            costSkip = Marshal.GetDelegateForFunctionPointer<CallPointer1>((IntPtr)skip);
            siteReached = address =>
            {
                onSite(address, 1);
                return StopsAtSite ? 0u : 1u;
            };
            this.costs->OnSite = Marshal.GetFunctionPointerForDelegate(siteReached);
            Tlib.AttachBlockBegin((IntPtr)block);
            ForgetCode();
        }

        // The host's address of R0 or x0: found by values that are written through Renode's call, and
        // checked by others. 0: not found. The registers are lost; the core is reset behind this.
        public long FindRegisters()
        {
            var begin = (uint*)Tlib.ExportState();
            var words = Tlib.GetStateSize() / sizeof(uint);
            Mark(1);
            for(var n = 0; n + Marks <= words; n++)
            {
                if(begin[n] == MarkOf(1, 0) && IsMarked(begin + n, 1))
                {
                    Mark(1000);
                    return IsMarked(begin + n, 1000) ? (long)(begin + n - firstRegister) : 0;
                }
            }
            return 0;
        }

        private void Mark(uint seed)
        {
            for(var n = 0; n < Marks; n++)
            {
                Tlib.Set(firstRegister + n, MarkOf(seed, n));
            }
        }

        private static bool IsMarked(uint* at, uint seed)
        {
            for(var n = 0; n < Marks; n++)
            {
                if(at[n] != MarkOf(seed, n))
                {
                    return false;
                }
            }
            return true;
        }

        private static uint MarkOf(uint seed, int n)
        {
            return (seed + (uint)n) * 2654435761u ^ 0x5bd1e995u;
        }

        // Whether the site that was reached keeps its block from running.
        public bool StopsAtSite { get; set; }

        // How far the core is, in what a run is counted by: cycles, or instructions.
        public ulong Progress
        {
            get { return costs == null ? total : costs->Cycles; }
        }

        // An exception is entered or left.
        public void Spend(uint cycles)
        {
            if(costs != null)
            {
                spendCycles((IntPtr)costs, cycles);
            }
        }

        // Counts the instruction at the PC, which is carried out in place of Renode.
        public void CountCarriedOut()
        {
            Instructions++;
            if(costs != null)
            {
                costCarriedOut((IntPtr)costs, Pc);
            }
        }

        // A division is about to be executed.
        public void SpendOnDivision(uint dividend, uint divisor, uint isSigned)
        {
            if(costs != null)
            {
                costDivision((IntPtr)costs, dividend, divisor, isSigned);
            }
        }

        // The instruction that comes next is skipped.
        public void SpendLess(uint cycles)
        {
            if(costs != null && cycles != 0)
            {
                costSkip((IntPtr)costs, cycles);
            }
        }

        // Counts rounds of the block under way up to a time, without running them.
        public void SkipRounds(ulong until)
        {
            var cycles = costs == null ? 1 : Math.Max(1, costs->BlockCycles);
            var rounds = (until - Progress + cycles - 1) / cycles;
            State->Skipped += rounds;
            Instructions += rounds;
            if(costs != null)
            {
                costs->Cycles += rounds * cycles;
            }
        }

        public SharedState* State { get; private set; }

        public Tlib Tlib { get; private set; }

        public List<MemoryPiece> Memory { get; private set; }

        // Why the run under way stops; Deadline: for no other reason.
        public uint Stop { get; set; }

        // Instructions executed and skipped so far.
        public ulong Instructions
        {
            get { return total; }

            set
            {
                total = value;
                State->Instructions = value;
            }
        }

        public uint Pc
        {
            get { return Tlib.Get(pcRegister); }
            set { Tlib.Set(pcRegister, value); }
        }

        // -- memory map
        public void AddMemory(uint address, uint size, long host, uint access, uint onBus)
        {
            Add(new MemoryPiece { Base = address, Size = size, Host = (IntPtr)host, Access = access, OnBus = onBus });
        }

        public void RemoveMemory(uint address)
        {
            var piece = PieceOf(address);
            Memory.Remove(piece);
            core.ResetMmuWindow(piece.Window);
            Tlib.FlushTlb(1);
        }

        public void AddRegisters(uint address, uint size, long read, long write)
        {
            Add(new MemoryPiece
            {
                Base = address,
                Size = size,
                Access = Accesses.Read | Accesses.Write,
                OnBus = address,
                Read = Marshal.GetDelegateForFunctionPointer<ReadRegister>((IntPtr)read),
                Write = Marshal.GetDelegateForFunctionPointer<WriteRegister>((IntPtr)write),
            });
        }

        public MemoryPiece PieceOf(uint address)
        {
            foreach(var piece in Memory)
            {
                if(address - piece.Base < piece.Size)
                {
                    return piece;
                }
            }
            return null;
        }

        public uint ReadWord(uint address)
        {
            var piece = PieceOf(address);
            return piece != null && piece.Holds(address, 4) ? *(uint*)piece.At(address) : 0;
        }

        // Lets the core access a part of memory, as Renode's external MMU sees it; returns the
        // window's number.
        public ulong OpenWindow(MemoryPiece piece, uint address, uint size, uint access)
        {
            var window = core.AcquireExternalMmuWindow(ExternalMmuBase.Privilege.All);
            core.SetMmuWindowStart(window, address);
            core.SetMmuWindowEnd(window, (ulong)address + size);
            core.SetMmuWindowAddend(window, unchecked((ulong)((long)piece.OnBus - piece.Base)));
            core.SetMmuWindowPrivileges(window, (ExternalMmuBase.Privilege)access);
            return window;
        }

        public void Open(MemoryPiece piece)
        {
            piece.Window = OpenWindow(piece, piece.Base, piece.Size, piece.Access);
        }

        private void Add(MemoryPiece piece)
        {
            Memory.Add(piece);
            Open(piece);
        }

        // -- registers of peripherals
        public void BeginAccess()
        {
            State->Pc = Pc;
            // A block with an access ends behind it.
            var instructions = costs == null ? 1 : costs->BlockInstructions;
            State->AtAccess = total + Tlib.Total() - totalAtRun + instructions;
            State->InAccess = 1;
        }

        public void EndAccess()
        {
            State->InAccess = 0;
            if(State->Failed != 0 || State->Reconsider != 0)
            {
                Tlib.SetReturnRequest();
            }
        }

        // Ends the run on the instruction that accesses, which is not carried out.
        public void StopBefore(uint stop, uint address, uint access)
        {
            Stop = stop;
            State->FaultAddress = address;
            State->FaultAccess = access;
            Tlib.RequestInterrupt(1);
        }

        // Notes an access to memory that is missing, or that does not allow it.
        public ExternalMmuResult Refuse(uint address, uint access, bool denied)
        {
            if(Stop == Stops.Deadline)
            {
                Stop = Stops.Memory;
                State->FaultAddress = address;
                State->FaultAccess = access;
                State->Denied = denied ? 1u : 0u;
            }
            // This makes Renode put the core back on the instruction and end the run; its answer for
            // a fault would end every run from then on.
            return ExternalMmuResult.NoFault;
        }

        public static uint AccessOf(AccessType type)
        {
            return type == AccessType.Write ? Accesses.Write : type == AccessType.Execute ? Accesses.Execute : Accesses.Read;
        }

        // -- instructions that Renode carries out in another way
        public SharedSite SiteAt(uint address)
        {
            SharedSite site;
            sites.TryGetValue(address, out site);
            return site;
        }

        public void ForgetCode()
        {
            sites.Clear();
            Tlib.Invalidate();
        }

        // Renode asks the block's hook only of blocks that it translates while the hook is present.
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
            Tlib.SetBlockBeginHookPresent(costs == null && site.Kind == Sites.None ? 0u : 1u);
            Tlib.SetMaximumBlockSize(costs == null ? 1 : Math.Max(1, site.Longest));
        }

        // -- running
        // Executes up to a time, see Progress; returns Renode's result.
        public int ExecuteUntil(ulong until)
        {
            if(costs != null)
            {
                costs->Deadline = until;
                return Execute(LongestRun);
            }
            return Execute((uint)Math.Min(until - total, LongestRun));
        }

        // Executes up to `count` instructions; returns Renode's result.
        public int Execute(uint count)
        {
            if(costs != null)
            {
                costs->Stopped = 0;
                useCosts((IntPtr)costs);
            }
            StopsAtSite = false;
            totalAtRun = Tlib.Total();
            var result = Tlib.Execute(count);
            Instructions = total + Tlib.Executed();
            return result;
        }

        private ulong total;
        private ulong totalAtRun;
        private SharedCosts* costs;
        private CallPointer useCosts;
        private CallPointer1 spendCycles;
        private CallPointer1 costCarriedOut;
        private CallPointer3 costDivision;
        private CallPointer1 costSkip;
        private Ask1 siteReached;
        private Action<ulong, uint> onSite;
        private FindSite findSite;
        private Block blockFound;

        private readonly TranslationCPU core;
        private readonly int pcRegister;
        private readonly int firstRegister;
        private readonly Dictionary<uint, SharedSite> sites = new Dictionary<uint, SharedSite>();

        private const int Marks = 12; // R0 to R11, x1 to x12

        public const uint LongestRun = 1 << 30;
        public const int Interrupted = 0x10000; // of tlib_execute
        public const int WaitingForInterrupt = 0x10001;
        public const int ReturnRequested = 0x10005;
    }
}
