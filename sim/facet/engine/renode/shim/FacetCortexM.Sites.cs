// Instructions that Renode carries out in another way than a Cortex-M4.
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
        private void OnSite(ulong at, uint count)
        {
            var site = Driver.SiteAt((uint)at);
            if(site.Kind == Sites.None)
            {
                return;
            }
            if(!ConditionHolds())
            {
                Driver.SpendLess(site.Skipped);
                return;
            }
            switch(site.Kind)
            {
            case Sites.Divide:
                var divisor = tlib.Get((int)site.Value);
                if(divisor == 0 && site.Mask != 0)
                {
                    StopAtSite(Stops.Site);
                }
                else
                {
                    Driver.SpendOnDivision(tlib.Get((int)site.Base), divisor, site.Special);
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
            case Sites.Skip:
                break;
            case Sites.Settle:
                tlib.SetReturnRequest();
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
            Driver.Stop = reason;
            Driver.StopsAtSite = true;
            isPaused = true; // Renode then leaves the block before its first instruction
        }

        private void CarryOut(SharedSite site)
        {
            if(site.Kind == Sites.Basepri)
            {
                WriteBasepri(tlib.Get((int)site.Value) & 0xF0, site.Special);
            }
            else if(site.Exclusive == Sites.StoreExclusive)
            {
                tlib.Set((int)site.Value, 1);
            }
            else // WFE
            {
                state->Waiting = view.EventRegister ? 0u : 1u;
                state->WaitsForEvent = 1;
                view.EventRegister = false;
            }
            Driver.CountCarriedOut();
            AdvanceIt();
            Driver.Pc = Driver.Pc + site.Size;
        }

        private void WriteBasepri(uint value, uint special)
        {
            var old = tlib.Get(BasepriRegister) & 0xFF;
            if(!Privileged || (special == BasepriMax && (value == 0 || (old != 0 && value >= old))))
            {
                return;
            }
            tlib.Set(BasepriRegister, value);
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
            var xpsr = tlib.Get(XpsrRegister) & ~ItBits;
            tlib.Set(XpsrRegister, xpsr | (it & 3) << 25 | (it >> 2) << 10);
        }

        private uint ItState
        {
            get
            {
                var xpsr = tlib.Get(XpsrRegister);
                return (xpsr >> 25 & 3) | (xpsr >> 10 & 0x3F) << 2;
            }
        }

        private uint ValueOf(uint register)
        {
            return register == Sites.NoRegister ? 0 : tlib.Get((int)register);
        }
    }
}
