// PWR of the STM32L4 (RM0351, 5.4): the regulator is always ready, a low-power mode is a WFI.
using Antmicro.Renode.Core;
using Antmicro.Renode.Core.Structure.Registers;
using Antmicro.Renode.Peripherals.Bus;

namespace Antmicro.Renode.Peripherals.Miscellaneous
{
    public class Stm32l4Pwr : BasicDoubleWordPeripheral, IKnownSize
    {
        public Stm32l4Pwr(IMachine machine) : base(machine)
        {
            RegistersCollection.DefineRegister(0x00, 0x200).WithValueField(0, 32, name: "CR1");
            RegistersCollection.DefineRegister(0x04).WithValueField(0, 32, name: "CR2");
            RegistersCollection.DefineRegister(0x08, 0x8000).WithValueField(0, 32, name: "CR3");
            RegistersCollection.DefineRegister(0x0C).WithValueField(0, 32, name: "CR4");
            RegistersCollection.DefineRegister(0x10).WithValueField(0, 32, FieldMode.Read, name: "SR1");
            RegistersCollection.DefineRegister(0x14).WithValueField(0, 32, FieldMode.Read, name: "SR2");
            RegistersCollection.DefineRegister(0x18).WithValueField(0, 32, FieldMode.Write, name: "SCR");
            for(var pull = 0x20; pull <= 0x5C; pull += 4)
            {
                RegistersCollection.DefineRegister(pull).WithValueField(0, 32, name: "PUCRx, PDCRx");
            }
            Reset();
        }

        public long Size { get { return 0x400; } }
    }
}
