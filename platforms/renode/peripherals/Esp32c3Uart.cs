// A UART of the ESP32-C3 (TRM, chapter 26). Renode's ESP32_UART never raises an interrupt.
//
// A byte is sent at once: the transmit FIFO is always empty.
using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.Bus;

namespace Antmicro.Renode.Peripherals.UART
{
    public class Esp32c3Uart : UARTBase, IDoubleWordPeripheral, IKnownSize
    {
        public Esp32c3Uart(IMachine machine) : base(machine)
        {
            IRQ = new GPIO();
            words = new uint[Size / 4];
        }

        public override void Reset()
        {
            base.Reset();
            System.Array.Clear(words, 0, words.Length);
            raw = 0;
            Update();
        }

        public uint ReadDoubleWord(long offset)
        {
            switch(offset)
            {
            case Fifo:
                byte character;
                return TryGetCharacter(out character) ? character : 0u;
            case IntRaw:
                return raw;
            case IntSt:
                return raw & words[IntEna / 4];
            case Status:
                return (uint)Count & 0x3FF;
            default:
                return words[offset / 4];
            }
        }

        public void WriteDoubleWord(long offset, uint value)
        {
            switch(offset)
            {
            case Fifo:
                TransmitCharacter((byte)value);
                raw |= TxDone;
                break;
            case IntRaw:
            case IntSt:
            case Status:
                return;
            case IntClr:
                raw &= ~value;
                break;
            case Id:
                words[offset / 4] = value & ~(1u << 31); // REG_UPDATE: done at once
                break;
            default:
                words[offset / 4] = value;
                break;
            }
            Update();
        }

        public long Size { get { return 0x100; } }

        public GPIO IRQ { get; private set; }

        public override Bits StopBits { get { return Bits.One; } }

        public override Parity ParityBit { get { return Parity.None; } }

        public override uint BaudRate
        {
            get
            {
                var divider = words[ClkDiv / 4] & 0xFFF;
                return divider == 0 ? 0 : 40000000 / divider;
            }
        }

        protected override void CharWritten()
        {
            Update();
        }

        protected override void QueueEmptied()
        {
            Update();
        }

        private void Update()
        {
            raw |= TxFifoEmpty;
            var threshold = words[Conf1 / 4] & 0x1FF;
            if(Count > 0 && Count >= threshold)
            {
                raw |= RxFifoFull;
            }
            IRQ.Set((raw & words[IntEna / 4]) != 0);
        }

        private uint raw;

        private readonly uint[] words;

        private const uint RxFifoFull = 1u << 0;
        private const uint TxFifoEmpty = 1u << 1;
        private const uint TxDone = 1u << 14;
        private const long Fifo = 0x00;
        private const long IntRaw = 0x04;
        private const long IntSt = 0x08;
        private const long IntEna = 0x0C;
        private const long IntClr = 0x10;
        private const long ClkDiv = 0x14;
        private const long Status = 0x1C;
        private const long Conf1 = 0x24;
        private const long Id = 0x80;
    }
}
