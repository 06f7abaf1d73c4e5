// Renode's NVIC as the architecture describes it: priorities, pending, enabled and active exceptions.
//
// Renode 1.16.1 differs from ARM DDI 0403E, B1.5 and B3.4 where it matters here: HardFault and NMI
// have priority 0, faults cannot be disabled, SHPR and BASEPRI keep 8 bits, ICSR reads a number that
// does not fit its field where nothing is pending, and interrupts that the chip does not have can be
// enabled. The state is Renode's; this class reads and changes it by reflection.
using System;
using System.Collections.Generic;
using System.Reflection;

using Antmicro.Renode.Peripherals.IRQControllers;

namespace Antmicro.Renode.Peripherals.Facet
{
    public partial class NvicView
    {
        public NvicView(NVIC nvic, uint lines)
        {
            this.nvic = nvic;
            this.lines = lines;
            active = (Stack<int>)Field(nvic, "activeIRQs");
            pending = (ISet<int>)Field(nvic, "pendingIRQs");
            priorities = (byte[])Field(Field(nvic, "priorities"), "container");
            states = (byte[])Field(Field(nvic, "irqs"), "container");
            levels = new bool[lines];
        }

        public uint PriorityGroupShift { get; set; }

        public bool SendEventOnPend { get; set; }

        public bool EventRegister { get; set; }

        public bool AnyPending { get { return pending.Count != 0; } }

        public bool AnyActive { get { return active.Count != 0; } }

        public void Reset()
        {
            nvic.Reset();
            pending.Clear();
            for(var number = 0; number < FirstInterrupt; number++)
            {
                states[number] = 0;
            }
            foreach(var number in AlwaysEnabled)
            {
                states[number] = Enabled;
            }
            PriorityGroupShift = 1;
            SendEventOnPend = EventRegister = false;
            for(var line = 0; line < lines; line++)
            {
                if(levels[line]) // as the peripherals drive it
                {
                    SetPending(FirstInterrupt + line, true);
                }
            }
        }

        public void SetInterrupt(uint line, bool level)
        {
            var rises = level && !levels[line];
            levels[line] = level;
            var number = FirstInterrupt + (int)line;
            states[number] = (byte)(level ? states[number] | Running : states[number] & ~Running);
            if(rises)
            {
                SetPending(number, true);
            }
        }

        public void SetPending(int number, bool value)
        {
            if(value)
            {
                if(!pending.Contains(number) && SendEventOnPend)
                {
                    EventRegister = true;
                }
                states[number] |= Pending;
                pending.Add(number);
            }
            else
            {
                states[number] &= unchecked((byte)~Pending);
                pending.Remove(number);
            }
            Settle();
        }

        public void SetEnabled(int number, bool value)
        {
            states[number] = (byte)(value ? states[number] | Enabled : states[number] & ~Enabled);
            Settle();
        }

        // Changes whether a handler counts as entered (SHCSR); the order of the others stays.
        public void SetActive(int number, bool value)
        {
            if(value == active.Contains(number))
            {
                return;
            }
            var order = new List<int>(active); // the latest comes first
            active.Clear();
            for(var n = order.Count - 1; n >= 0; n--)
            {
                if(order[n] != number)
                {
                    active.Push(order[n]);
                }
            }
            if(value)
            {
                active.Push(number);
            }
            states[number] = (byte)(value ? states[number] | Active : states[number] & ~Active);
            Settle();
        }

        public bool IsIn(uint set, int number)
        {
            return (states[number] & (set == 0 ? Enabled : set == 1 ? Pending : Active)) != 0;
        }

        public byte StoredPriority(int number)
        {
            return priorities[number];
        }

        public void SetPriority(int number, uint value)
        {
            priorities[number] = (byte)(value & PriorityMask);
            Settle();
        }

        // The priority that counts; below 0 for NMI and HardFault.
        public int Priority(int number)
        {
            return number <= HardFault ? number - 4 : priorities[number];
        }

        // The part of the priority that decides whether one exception preempts another.
        public int Group(int number)
        {
            var priority = Priority(number);
            return priority < 0 ? priority : priority >> (int)PriorityGroupShift << (int)PriorityGroupShift;
        }

        // The pending and enabled exception that comes first; 0: none.
        public int Best()
        {
            var best = 0;
            var bestPriority = NoPriority;
            foreach(var number in pending)
            {
                if((states[number] & Enabled) != 0 && Priority(number) < bestPriority)
                {
                    best = number;
                    bestPriority = Priority(number);
                }
            }
            return best;
        }

        public int ActivePriority()
        {
            var lowest = NoPriority;
            foreach(var number in active)
            {
                lowest = Math.Min(lowest, Group(number));
            }
            return lowest;
        }

        // ARM DDI 0403E, B1.5.4, ExecutionPriority.
        public int ExecutionPriority(uint basepri, bool primask, bool faultmask)
        {
            var priority = ActivePriority();
            basepri &= PriorityMask;
            if(basepri != 0)
            {
                priority = Math.Min(priority, (int)(basepri >> (int)PriorityGroupShift << (int)PriorityGroupShift));
            }
            if(primask)
            {
                priority = Math.Min(priority, 0);
            }
            if(faultmask)
            {
                priority = Math.Min(priority, -1);
            }
            return priority;
        }

        // Raises the core's interrupt input, or lets it go: Renode by itself only raises it, and a
        // core that finds nothing pending enters exception 528.
        public void Settle()
        {
            nvic.IRQ.Set(false);
            nvic.FindPendingInterrupt();
        }

        // Makes Renode take `number` at its next chance, whatever is active or pending.
        public void Force(int number)
        {
            forcedActive = active.ToArray();
            forcedPending = new List<int>(pending);
            active.Clear();
            pending.Clear();
            states[number] = (byte)(states[number] & ~Active | Pending | Enabled);
            pending.Add(number);
            Settle();
        }

        // Ends `Force`: the exceptions that were active or pending before are so again.
        public void Unforce(int number, bool wasEnabled)
        {
            active.Clear();
            for(var n = forcedActive.Length - 1; n >= 0; n--)
            {
                if(forcedActive[n] != number)
                {
                    active.Push(forcedActive[n]);
                }
            }
            active.Push(number);
            states[number] = (byte)(states[number] & ~Pending | Active);
            if(!wasEnabled)
            {
                states[number] &= unchecked((byte)~Enabled);
            }
            forcedPending.Remove(number);
            foreach(var other in forcedPending)
            {
                pending.Add(other);
            }
            Settle();
        }

        // The exception that Renode has just entered becomes another; the first is pending again.
        public void Replace(int entered, int number)
        {
            SetActive(entered, false);
            SetActive(number, true);
            if(entered != number)
            {
                SetPending(entered, true);
            }
        }

        private static object Field(object owner, string name)
        {
            var field = owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic);
            if(field == null)
            {
                throw new MissingFieldException(owner.GetType().Name, name);
            }
            return field.GetValue(owner);
        }

        private int[] forcedActive;
        private List<int> forcedPending;

        private readonly NVIC nvic;
        private readonly uint lines;
        private readonly Stack<int> active;
        private readonly ISet<int> pending;
        private readonly byte[] priorities;
        private readonly byte[] states;
        private readonly bool[] levels;

        public const int Nmi = 2;
        public const int HardFault = 3;
        public const int SvCall = 11;
        public const int PendSv = 14;
        public const int SysTick = 15;
        public const int FirstInterrupt = 16;

        private const byte Running = 1; // Renode's IRQState
        private const byte Pending = 2;
        private const byte Active = 4;
        private const byte Enabled = 32;
        private const byte PriorityMask = 0xF0; // STM32L4: 16 levels (PM0214, 4.3)
        private const int NoPriority = 256;
        private const uint First = 0xE000E100;
        private const uint Ipr = 0xE000E400;
        private const uint Last = 0xE000E4F0;
        private const uint Icsr = 0xE000ED04;
        private static readonly int[] AlwaysEnabled = { Nmi, HardFault, SvCall, PendSv, SysTick };
    }
}
