// GDMA of the ESP32-C3 (TRM, chapter 2): the receiving half of channel 0, for SPI2.
using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.Miscellaneous;

namespace Antmicro.Renode.Peripherals.DMA
{
    public class Esp32c3Dma : Esp32c3Words
    {
        public Esp32c3Dma(IMachine machine) : base(0x1000)
        {
            this.machine = machine;
        }

        // Stores bytes that a peripheral received along the list of descriptors.
        public void Receive(byte[] bytes)
        {
            var at = 0;
            var descriptor = SramBase | words[InLink / 4] & 0xFFFFF;
            while(at < bytes.Length)
            {
                var control = machine.SystemBus.ReadDoubleWord(descriptor);
                if(control >> 31 == 0 || (words[InLink / 4] & Start) == 0)
                {
                    words[IntRaw / 4] |= DescriptorError;
                    return;
                }
                var buffer = machine.SystemBus.ReadDoubleWord(descriptor + 4);
                var next = machine.SystemBus.ReadDoubleWord(descriptor + 8);
                var size = System.Math.Min((int)(control & 0xFFF), bytes.Length - at);
                machine.SystemBus.WriteBytes(bytes, buffer, at, size);
                at += size;
                var ends = at == bytes.Length;
                control = control & 0xFFF | (uint)size << 12 | (ends ? 1u << 30 : 0);
                machine.SystemBus.WriteDoubleWord(descriptor, control); // the core's again
                if(!ends && next == 0)
                {
                    words[IntRaw / 4] |= DescriptorsEmpty;
                    return;
                }
                descriptor = next;
            }
            words[IntRaw / 4] |= Done | SuccessfulEnd;
        }

        public override void WriteDoubleWord(long offset, uint value)
        {
            switch(offset)
            {
            case IntRaw:
                return;
            case IntClr:
                words[IntRaw / 4] &= ~value;
                return;
            default:
                base.WriteDoubleWord(offset, value);
                return;
            }
        }

        private readonly IMachine machine;

        private const uint SramBase = 0x3FC00000;
        private const uint Start = 1u << 22;
        private const uint Done = 1u << 0;
        private const uint SuccessfulEnd = 1u << 1;
        private const uint DescriptorError = 1u << 5;
        private const uint DescriptorsEmpty = 1u << 7;
        private const long IntRaw = 0x00;
        private const long IntClr = 0x0C;
        private const long InLink = 0x80;
    }
}
