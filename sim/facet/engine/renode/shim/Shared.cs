// What the engine's Python and C# share; sim/facet/engine/renode/shared.py mirrors it.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.Bus;

namespace Antmicro.Renode.Peripherals.Facet
{
    // Counters and the reason of the latest stop; lies in memory of Python's.
    [StructLayout(LayoutKind.Sequential)]
    public struct SharedState
    {
        public ulong Instructions;  // executed and skipped so far
        public ulong Skipped;       // those of them that a loop in place would have executed
        public ulong AtAccess;      // instructions up to and with the one that accesses a register
        public uint Pc;             // of the instruction that accesses a register
        public uint InAccess;
        public uint Reconsider;     // the run ends before the next instruction
        public uint Failed;         // a callback raised
        public uint FaultAddress;
        public uint FaultAccess;    // one of READ, WRITE, EXECUTE
        public uint Denied;         // the MPU denied it; else there is no such memory
        public uint Trap;           // Renode's number of an exception
        public uint Exception;      // whose frame has no memory; 0: of a return
        public uint ExcReturn;
        public uint Pointer;        // SP before an entry whose frame has no memory
        public uint Waiting;
        public uint WaitsForEvent;
        public uint Offered;        // RV32: the interrupt that the matrix offers; 0: none
        public uint Held;           // RV32: stopped by a register
    }

    // An instruction that Renode carries out in another way than the chip.
    [StructLayout(LayoutKind.Sequential)]
    public struct SharedSite
    {
        public uint Kind;
        public uint Size;           // of the instruction, bytes
        public uint Base;           // register numbers, NoRegister where there is none
        public uint Index;
        public uint Shift;
        public uint Displacement;
        public uint Mask;
        public uint Value;          // a register: the divisor, what MSR writes, STREX's result
        public uint Special;        // the special register that MSR writes
        public uint Exclusive;      // what it does to the exclusive monitor; 0: nothing
        public uint Skipped;        // cycles that it takes less where an IT skips it
        public uint Longest;        // instructions of a block that begins here, at most
    }

    // The head of native/block_costs.h's BlockCosts.
    [StructLayout(LayoutKind.Sequential)]
    public struct SharedCosts
    {
        public ulong Cycles;
        public ulong Deadline;
        public uint Attention;
        public uint Stopped;
        public uint BlockCycles;
        public uint BlockInstructions;
        public IntPtr OnSite;
    }

    public static class Stops
    {
        public const uint Deadline = 0;
        public const uint Wait = 1;
        public const uint Failed = 2;
        public const uint Memory = 3;
        public const uint Trap = 4;
        public const uint Site = 5;
        public const uint NoStack = 6;
        public const uint BadReturn = 7;
        public const uint Unprivileged = 8;
        public const uint Unknown = 9;
    }

    public static class Accesses
    {
        public const uint Read = 1;
        public const uint Write = 2;
        public const uint Execute = 4;
    }

    public static class Sites
    {
        public const uint None = 0;
        public const uint Divide = 1;
        public const uint Align = 2;
        public const uint SendEvent = 3;
        public const uint Basepri = 4;
        public const uint WaitForEvent = 5;
        public const uint Settle = 6;    // an interrupt may be taken behind it
        public const uint Python = 7;    // Python carries it out
        public const uint Skip = 8;      // Renode carries it out; see SharedSite.Skipped
        public const uint NoRegister = 0xFF;
        public const uint LoadExclusive = 1;  // of SharedSite.Exclusive
        public const uint StoreExclusive = 2;
        public const uint ClearExclusive = 3;
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate uint ReadRegister(uint address, uint size);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void WriteRegister(uint address, uint size, uint value);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void FindSite(uint address, IntPtr site);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Block(ulong address);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate uint Run(ulong until);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Call0();
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Call1(uint a);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Call2(uint a, uint b);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Call3(uint a, uint b, uint c);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate uint Ask0();
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate uint Ask1(uint a);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate uint Ask2(uint a, uint b);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void CallPointer(IntPtr a);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void CallPointer1(IntPtr a, uint b);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void CallPointer3(IntPtr a, uint b, uint c, uint d);
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void CallArray(uint a, IntPtr words);

    // Functions for Python, by name; keeps the delegates alive.
    public class FunctionTable
    {
        public void Add(string name, Delegate function)
        {
            kept[name] = function;
        }

        public long Address(string name)
        {
            return Marshal.GetFunctionPointerForDelegate(kept[name]).ToInt64();
        }

        private readonly Dictionary<string, Delegate> kept = new Dictionary<string, Delegate>();
    }

    // Who carries out accesses to registers.
    public interface IRegisterHost
    {
        uint ReadRegister(uint address, uint size);
        void WriteRegister(uint address, uint size, uint value);
    }

    // A window of registers on Renode's bus.
    public class RegisterWindow : IBytePeripheral, IWordPeripheral, IDoubleWordPeripheral, IKnownSize
    {
        public RegisterWindow(IRegisterHost host, long address, long size)
        {
            this.host = host;
            this.address = (uint)address;
            Size = size;
        }

        public long Size { get; private set; }

        public void Reset() { }

        public byte ReadByte(long offset)
        {
            return (byte)host.ReadRegister(address + (uint)offset, 1);
        }

        public ushort ReadWord(long offset)
        {
            return (ushort)host.ReadRegister(address + (uint)offset, 2);
        }

        public uint ReadDoubleWord(long offset)
        {
            return host.ReadRegister(address + (uint)offset, 4);
        }

        public void WriteByte(long offset, byte value)
        {
            host.WriteRegister(address + (uint)offset, 1, value);
        }

        public void WriteWord(long offset, ushort value)
        {
            host.WriteRegister(address + (uint)offset, 2, value);
        }

        public void WriteDoubleWord(long offset, uint value)
        {
            host.WriteRegister(address + (uint)offset, 4, value);
        }

        private readonly IRegisterHost host;
        private readonly uint address;
    }
}
