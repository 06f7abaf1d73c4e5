// What the core may access: the memory map and the MPU, by the pages of Renode's external MMU.
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
        private ExternalMmuResult OnMissingPage(ulong at, AccessType type, ulong? window, bool firstTry)
        {
            var address = (uint)at;
            var access = Driver.AccessOf(type);
            if(firstTry)
            {
                return mpu.Enabled && OpenPage(address, access) ? ExternalMmuResult.NoFault : ExternalMmuResult.Fault;
            }
            return Driver.Refuse(address, access, (Allowed(address) & access) != 0);
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
                tlib.SetReturnRequest();
                whole = access;
            }
            Driver.OpenWindow(Driver.PieceOf(address), page, PageBytes, whole);
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
                tlib.FlushPage(page);
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
            var piece = Driver.PieceOf(address);
            return piece == null ? 0 : piece.Access;
        }

        private void SetMpu(uint control, IntPtr regions)
        {
            var wasEnabled = mpu.Enabled;
            mpu.Set(control, (uint*)regions);
            if(wasEnabled || mpu.Enabled)
            {
                mpuChanged = true;
                tlib.SetReturnRequest();
            }
        }

        private void SettleMpu()
        {
            mpuChanged = false;
            closePages.Clear();
            ResetAllMmuWindows();
            tlib.FlushTlb(1);
            if(!mpu.Enabled)
            {
                foreach(var piece in Driver.Memory)
                {
                    Driver.Open(piece);
                }
            }
        }
    }
}
