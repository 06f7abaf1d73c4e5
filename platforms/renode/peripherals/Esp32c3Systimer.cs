// The system timer of the ESP32-C3 (TRM, chapter 10): unit 0, and target 0 in period mode.
using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.Miscellaneous;
using Antmicro.Renode.Time;

namespace Antmicro.Renode.Peripherals.Timers
{
    public class Esp32c3Systimer : Esp32c3Words
    {
        public Esp32c3Systimer(IMachine machine) : base(0x1000)
        {
            this.machine = machine;
            IRQ = new GPIO();
            alarm = new LimitTimer(machine.ClockSource, Hz, this, "target 0", 1, Direction.Descending, eventEnabled: true);
            alarm.LimitReached += () =>
            {
                words[IntRaw / 4] |= 1;
                Update();
            };
        }

        public override void Reset()
        {
            base.Reset();
            alarm.Reset();
            latched = 0;
            Update();
        }

        public override uint ReadDoubleWord(long offset)
        {
            switch(offset)
            {
            case Unit0Op:
                return 1u << 29; // VALUE_VALID
            case Unit0High:
                return (uint)(latched >> 32);
            case Unit0Low:
                return (uint)latched;
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
            case Unit0Op:
                SyncTime(machine);
                latched = (ulong)(machine.ElapsedVirtualTime.TimeElapsed.TotalSeconds * Hz);
                return;
            case IntClr:
                words[IntRaw / 4] &= ~value;
                break;
            case IntRaw:
                return;
            default:
                base.WriteDoubleWord(offset, value);
                break;
            }
            if(offset == Conf || offset == Target0Conf || offset == Comp0Load)
            {
                SetAlarm(offset == Comp0Load);
            }
            Update();
        }

        private void SetAlarm(bool load)
        {
            var target = words[Target0Conf / 4];
            var period = target & 0x3FFFFFF;
            if(load && period != 0)
            {
                alarm.Limit = period;
            }
            var works = (words[Conf / 4] >> 24 & 1) != 0; // TARGET0_WORK_EN
            alarm.Enabled = works && (target >> 30 & 1) != 0; // PERIOD_MODE
        }

        private void Update()
        {
            IRQ.Set((words[IntRaw / 4] & words[IntEna / 4] & 1) != 0);
        }

        public GPIO IRQ { get; private set; }

        private ulong latched;

        private readonly IMachine machine;
        private readonly LimitTimer alarm;

        private const uint Hz = 16000000; // crystal / 2.5
        private const long Conf = 0x00;
        private const long Unit0Op = 0x04;
        private const long Target0Conf = 0x34;
        private const long Unit0High = 0x40;
        private const long Unit0Low = 0x44;
        private const long Comp0Load = 0x50;
        private const long IntEna = 0x64;
        private const long IntRaw = 0x68;
        private const long IntClr = 0x6C;
        private const long IntSt = 0x70;
    }
}
