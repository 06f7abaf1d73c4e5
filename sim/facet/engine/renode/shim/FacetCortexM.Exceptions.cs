// Exception frames, returns and forced entries, which Renode does without a look.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.CPU;
using Antmicro.Renode.Peripherals.Miscellaneous;
using Antmicro.Renode.Utilities.Binding;

namespace Antmicro.Renode.Peripherals.Facet
{
    public unsafe partial class FacetCortexM
    {
        private void OnEntry(ulong index)
        {
            // Renode stores the frame without a look at what is there.
            var fpca = (tlib.Get(ControlRegister) & Fpca) != 0;
            var pointer = tlib.Get(SpRegister);
            var bytes = fpca ? ExtendedFrame : BasicFrame;
            var low = (pointer & ~7u) - bytes;
            entryPc = Driver.Pc;
            entrySp = pointer;
            var control = tlib.Get(ControlRegister);
            if((control & Spsel) != 0) // a handler reads CONTROL.SPSEL as 0
            {
                tlib.Set(ControlRegister, control & ~Spsel);
            }
            CheckFrame(low, bytes, Accesses.Write, Privileged, () => (uint)view.Best());
            if(Driver.Stop == Stops.NoStack)
            {
                KeepFrame(low, bytes);
            }
            monitorArmed = false;
            Driver.Spend(tailChains ? TailChainCycles : EntryCycles);
            tailChains = false;
        }

        private void OnReturn(ulong index)
        {
            // The PC is still the EXC_RETURN value, and nothing has been taken off the stack.
            var value = Driver.Pc | 1;
            state->ExcReturn = value;
            view.EventRegister = true;
            var to = value & 0xF;
            if(Ipsr == 0 || (value | 0x1F) != 0xFFFFFFFF || (to != 1 && to != 9 && to != 0xD))
            {
                Driver.Stop = Stops.BadReturn;
                Snapshot();
                tlib.SetReturnRequest();
                return;
            }
            var useProcessStack = (value & 4) != 0;
            var pointer = useProcessStack ? tlib.Get(OtherSpRegister) : tlib.Get(SpRegister);
            var bytes = (value & 0x10) == 0 ? ExtendedFrame : BasicFrame;
            var privileged = to == 1 || (tlib.Get(ControlRegister) & 1) == 0;
            CheckFrame(pointer, bytes, Accesses.Read, privileged, () => 0);
            if(Driver.Stop == Stops.NoStack)
            {
                Snapshot();
            }
            if((to & 8) != 0)
            {
                var control = tlib.Get(ControlRegister) & ~Spsel;
                tlib.Set(ControlRegister, control | (useProcessStack ? Spsel : 0));
            }
            if(!view.AnyActive && sleepOnExit)
            {
                sleepsOnExit = true;
                tlib.SetReturnRequest();
            }
            monitorArmed = false;
            tailChains = Takeable(true) != 0;
            if(!tailChains)
            {
                Driver.Spend(ReturnCycles);
            }
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
            Driver.Stop = Stops.NoStack;
            state->FaultAddress = low;
            state->Pc = entryPc;
            state->Pointer = entrySp;
            state->Exception = exception();
            state->Denied = (allowed & access) != 0 ? 1u : 0u;
            tlib.SetReturnRequest();
        }

        private uint FrameAccess(uint low, uint bytes, bool privileged, bool applies)
        {
            var piece = Driver.PieceOf(low);
            if(piece == null || !piece.Holds(low, bytes))
            {
                return 0;
            }
            return PageAccess(low, privileged, applies) & PageAccess(low + bytes - 1, privileged, applies);
        }

        // What a frame that must not be stored is going to overwrite.
        private void KeepFrame(uint low, uint bytes)
        {
            var piece = Driver.PieceOf(low);
            keptPiece = piece != null && piece.Holds(low, bytes) ? piece : null;
            if(keptPiece != null)
            {
                Marshal.Copy(keptPiece.At(low), frame, 0, (int)bytes);
                keptAddress = low;
                keptBytes = bytes;
            }
        }

        private void RestoreFrame()
        {
            if(keptPiece != null)
            {
                Marshal.Copy(frame, 0, keptPiece.At(keptAddress), (int)keptBytes);
            }
            keptPiece = null;
        }

        private void Snapshot()
        {
            for(var n = 0; n < 16; n++)
            {
                snapshot[n] = tlib.Get(n);
            }
            snapshot[16] = tlib.Get(XpsrRegister);
            snapshot[17] = tlib.Get(OtherSpRegister);
            snapshot[18] = tlib.Get(ProcessSpRegister);
            snapshot[19] = tlib.Get(ControlRegister);
        }

        // Takes back an exception return that must not be carried out.
        private void Rewind()
        {
            tlib.Set(ControlRegister, snapshot[19]);
            tlib.Set(ProcessSpRegister, snapshot[18]);
            tlib.Set(OtherSpRegister, snapshot[17]);
            tlib.Set(XpsrRegister, snapshot[16]);
            for(var n = 0; n < 16; n++)
            {
                tlib.Set(n, snapshot[n]);
            }
        }

        // Enters a handler now, whatever is active, pending or masked.
        private void Enter(uint number)
        {
            var wasEnabled = view.IsIn(0, (int)number);
            var primask = tlib.Get(PrimaskRegister);
            var faultmask = tlib.Get(FaultmaskRegister);
            var basepri = tlib.Get(BasepriRegister);
            tlib.Set(PrimaskRegister, 0);
            tlib.Set(FaultmaskRegister, 0);
            tlib.Set(BasepriRegister, 0);
            renodeNvic.BASEPRI_NS = 0;
            view.Force((int)number);
            Driver.Stop = Stops.Deadline;
            tlib.SetReturnRequest();
            Driver.Execute(1);
            view.Unforce((int)number, wasEnabled);
            tlib.Set(BasepriRegister, basepri);
            renodeNvic.BASEPRI_NS = (byte)basepri;
            tlib.Set(FaultmaskRegister, faultmask);
            tlib.Set(PrimaskRegister, primask);
            if(Driver.Stop == Stops.NoStack)
            {
                state->Exception = number;
                RestoreFrame();
            }
            state->Trap = Driver.Stop;
            Driver.Stop = Stops.Deadline;
        }

        // The handler that Renode entered although its frame had no memory becomes another.
        private void EnterInstead(uint entered, uint number)
        {
            view.Replace((int)entered, (int)number);
            var xpsr = tlib.Get(XpsrRegister) & ~IpsrBits;
            tlib.Set(XpsrRegister, xpsr | number);
            tlib.Set(LrRegister, 0xFFFFFFF9);
            var vector = Driver.ReadWord(vtor + 4 * number);
            Driver.Pc = vector & ~1u;
            tlib.Set(XpsrRegister, tlib.Get(XpsrRegister) & ~ThumbBit | ((vector & 1) != 0 ? ThumbBit : 0));
        }
    }
}
