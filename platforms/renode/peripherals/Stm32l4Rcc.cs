// RCC of the STM32L4 (RM0351, 6.4; RM0394, 6.4): the registers that software waits on or reads back.
//
// An oscillator is ready as soon as it is on, a clock switch is done at once, and an enable or reset
// bit keeps its value without effect: Renode clocks peripherals by their own frequencies.
using System.Collections.Generic;

using Antmicro.Renode.Core;
using Antmicro.Renode.Core.Structure.Registers;
using Antmicro.Renode.Peripherals.Bus;

namespace Antmicro.Renode.Peripherals.Miscellaneous
{
    public class Stm32l4Rcc : BasicDoubleWordPeripheral, IKnownSize
    {
        public Stm32l4Rcc(IMachine machine) : base(machine)
        {
            DefineRegisters();
            Reset();
        }

        public override void Reset()
        {
            base.Reset();
            resetFlags = wasReset ? SoftwareReset | PinReset : BrownOutReset | PinReset;
            wasReset = true;
        }

        public long Size { get { return 0x400; } }

        private void DefineRegisters()
        {
            IFlagRegisterField msi;
            IFlagRegisterField hsi;
            IFlagRegisterField hse;
            IFlagRegisterField pll;
            IFlagRegisterField pllSai1;
            IFlagRegisterField pllSai2;
            Registers.Cr.Define(this, 0x63)
                .WithFlag(0, out msi, name: "MSION")
                .WithFlag(1, FieldMode.Read, valueProviderCallback: _ => msi.Value, name: "MSIRDY")
                .WithFlag(2, name: "MSIPLLEN")
                .WithFlag(3, name: "MSIRGSEL")
                .WithValueField(4, 4, name: "MSIRANGE")
                .WithFlag(8, out hsi, name: "HSION")
                .WithFlag(9, name: "HSIKERON")
                .WithFlag(10, FieldMode.Read, valueProviderCallback: _ => hsi.Value, name: "HSIRDY")
                .WithFlag(11, name: "HSIASFS")
                .WithReservedBits(12, 4)
                .WithFlag(16, out hse, name: "HSEON")
                .WithFlag(17, FieldMode.Read, valueProviderCallback: _ => hse.Value, name: "HSERDY")
                .WithFlag(18, name: "HSEBYP")
                .WithFlag(19, name: "CSSON")
                .WithReservedBits(20, 4)
                .WithFlag(24, out pll, name: "PLLON")
                .WithFlag(25, FieldMode.Read, valueProviderCallback: _ => pll.Value, name: "PLLRDY")
                .WithFlag(26, out pllSai1, name: "PLLSAI1ON")
                .WithFlag(27, FieldMode.Read, valueProviderCallback: _ => pllSai1.Value, name: "PLLSAI1RDY")
                .WithFlag(28, out pllSai2, name: "PLLSAI2ON")
                .WithFlag(29, FieldMode.Read, valueProviderCallback: _ => pllSai2.Value, name: "PLLSAI2RDY")
                .WithReservedBits(30, 2);

            IValueRegisterField clockSwitch;
            Registers.Cfgr.Define(this)
                .WithValueField(0, 2, out clockSwitch, name: "SW")
                .WithValueField(2, 2, FieldMode.Read, valueProviderCallback: _ => clockSwitch.Value, name: "SWS")
                .WithValueField(4, 28, name: "HPRE, PPRE1, PPRE2, STOPWUCK, MCOSEL, MCOPRE");

            IFlagRegisterField lse;
            Registers.Bdcr.Define(this)
                .WithFlag(0, out lse, name: "LSEON")
                .WithFlag(1, FieldMode.Read, valueProviderCallback: _ => lse.Value, name: "LSERDY")
                .WithValueField(2, 30, name: "LSEBYP, LSEDRV, RTCSEL, RTCEN, BDRST, LSCO");

            IFlagRegisterField lsi;
            Registers.Csr.Define(this, 0x600)
                .WithFlag(0, out lsi, name: "LSION")
                .WithFlag(1, FieldMode.Read, valueProviderCallback: _ => lsi.Value, name: "LSIRDY")
                .WithReservedBits(2, 6)
                .WithValueField(8, 4, name: "MSISRANGE")
                .WithReservedBits(12, 11)
                .WithFlag(23, FieldMode.Write, writeCallback: (_, remove) =>
                {
                    if(remove)
                    {
                        resetFlags = 0;
                    }
                }, name: "RMVF")
                .WithValueField(24, 8, FieldMode.Read, valueProviderCallback: _ => resetFlags, name: "reset flags");

            foreach(var register in Plain)
            {
                RegistersCollection.DefineRegister(register.Key, register.Value).WithValueField(0, 32);
            }
        }

        private ulong resetFlags;
        private bool wasReset;

        // CSR, from bit 24 on
        private const ulong PinReset = 1 << 2;
        private const ulong BrownOutReset = 1 << 3;
        private const ulong SoftwareReset = 1 << 4;

        // The registers that keep what is written, with their reset values.
        private static readonly Dictionary<long, uint> Plain = new Dictionary<long, uint>
        {
            { 0x04, 0x10000000 }, // ICSCR
            { 0x0C, 0x00001000 }, // PLLCFGR
            { 0x10, 0x00001000 }, // PLLSAI1CFGR
            { 0x14, 0x00001000 }, // PLLSAI2CFGR
            { 0x18, 0 }, // CIER
            { 0x1C, 0 }, // CIFR
            { 0x20, 0 }, // CICR
            { 0x28, 0 }, // AHB1RSTR
            { 0x2C, 0 }, // AHB2RSTR
            { 0x30, 0 }, // AHB3RSTR
            { 0x38, 0 }, // APB1RSTR1
            { 0x3C, 0 }, // APB1RSTR2
            { 0x40, 0 }, // APB2RSTR
            { 0x48, 0x100 }, // AHB1ENR
            { 0x4C, 0 }, // AHB2ENR
            { 0x50, 0 }, // AHB3ENR
            { 0x58, 0 }, // APB1ENR1
            { 0x5C, 0 }, // APB1ENR2
            { 0x60, 0 }, // APB2ENR
            { 0x68, 0x00011303 }, // AHB1SMENR
            { 0x6C, 0x000532FF }, // AHB2SMENR
            { 0x70, 0x00000101 }, // AHB3SMENR
            { 0x78, 0xF2FECA3F }, // APB1SMENR1
            { 0x7C, 0x00000025 }, // APB1SMENR2
            { 0x80, 0x01677C01 }, // APB2SMENR
            { 0x88, 0 }, // CCIPR
            { 0x98, 0 }, // CRRCR
        };

        private enum Registers : long
        {
            Cr = 0x00,
            Cfgr = 0x08,
            Bdcr = 0x90,
            Csr = 0x94,
        }
    }
}
