// RTC_CNTL of the ESP32-C3 (TRM, chapter 9): the main timer, light and deep sleep, the reset cause.
//
// The core halts in a sleep until the main timer's alarm; behind deep sleep the machine is reset.
using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.CPU;
using Antmicro.Renode.Peripherals.Timers;
using Antmicro.Renode.Time;

namespace Antmicro.Renode.Peripherals.Miscellaneous
{
    public class Esp32c3RtcCntl : Esp32c3Words
    {
        public Esp32c3RtcCntl(IMachine machine, Esp32c3Cpu cpu) : base(0x1000)
        {
            this.machine = machine;
            this.cpu = cpu;
            alarm = new LimitTimer(machine.ClockSource, Esp32c3TimerGroup.SlowHz, this, "main timer", 1, Direction.Descending, workMode: WorkMode.OneShot, eventEnabled: true);
            alarm.LimitReached += WakeUp;
            words[ResetState / 4] = PowerOn;
        }

        public override void Reset()
        {
            base.Reset();
            alarm.Reset();
            words[ResetState / 4] = nextCause;
            nextCause = PowerOn;
        }

        public override uint ReadDoubleWord(long offset)
        {
            switch(offset)
            {
            case TimeLow0:
                return (uint)latched;
            case TimeHigh0:
                return (uint)(latched >> 32);
            case IntSt:
                return words[IntRaw / 4] & words[IntEna / 4];
            default:
                return base.ReadDoubleWord(offset);
            }
        }

        public override void WriteDoubleWord(long offset, uint value)
        {
            switch(offset)
            {
            case TimeUpdate:
                latched = Count();
                return;
            case IntClr:
                words[IntRaw / 4] &= ~value;
                return;
            case IntRaw:
            case ResetState:
                return;
            case State0:
                words[offset / 4] = value & ~SleepEn;
                if((value & SleepEn) != 0)
                {
                    Sleep();
                }
                return;
            case Options0:
                words[offset / 4] = value & ~SoftwareReset;
                if((value & SoftwareReset) != 0)
                {
                    nextCause = Software;
                    machine.RequestReset();
                }
                return;
            default:
                base.WriteDoubleWord(offset, value);
                return;
            }
        }

        private ulong Count()
        {
            SyncTime(machine);
            return (ulong)(machine.ElapsedVirtualTime.TimeElapsed.TotalSeconds * Esp32c3TimerGroup.SlowHz);
        }

        private void Sleep()
        {
            var target = words[SlpTimer0 / 4] | (ulong)(words[SlpTimer1 / 4] & 0xFFFF) << 32;
            var now = Count();
            if((words[SlpTimer1 / 4] >> 16 & 1) == 0 || target <= now)
            {
                words[IntRaw / 4] |= Rejected;
                return;
            }
            alarm.Limit = target - now;
            alarm.Enabled = true;
            cpu.IsHalted = true;
        }

        private void WakeUp()
        {
            words[IntRaw / 4] |= WokeUp | MainTimer;
            words[WakeupCause / 4] = TimerWakeup;
            cpu.IsHalted = false;
            if(words[DigPwc / 4] >> 31 != 0) // DG_WRAP_PD_EN: deep sleep
            {
                nextCause = DeepSleep;
                machine.RequestReset();
            }
        }

        private ulong latched;
        private uint nextCause = PowerOn;

        private readonly IMachine machine;
        private readonly Esp32c3Cpu cpu;
        private readonly LimitTimer alarm;

        private const uint PowerOn = 0x01;
        private const uint Software = 0x03;
        private const uint DeepSleep = 0x05;
        private const uint SleepEn = 1u << 31;
        private const uint SoftwareReset = 1u << 31;
        private const uint WokeUp = 1u << 0;
        private const uint Rejected = 1u << 1;
        private const uint MainTimer = 1u << 10;
        private const uint TimerWakeup = 1u << 3;
        private const long Options0 = 0x00;
        private const long SlpTimer0 = 0x04;
        private const long SlpTimer1 = 0x08;
        private const long TimeUpdate = 0x0C;
        private const long TimeLow0 = 0x10;
        private const long TimeHigh0 = 0x14;
        private const long State0 = 0x18;
        private const long ResetState = 0x38;
        private const long IntEna = 0x40;
        private const long IntRaw = 0x44;
        private const long IntSt = 0x48;
        private const long IntClr = 0x4C;
        private const long DigPwc = 0x88;
        private const long WakeupCause = 0xF8;
    }
}
