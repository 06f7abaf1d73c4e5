// The I2C controller of the ESP32-C3 (TRM, chapter 28) as master: its command list runs at once.
using System.Collections.Generic;

using Antmicro.Renode.Core;
using Antmicro.Renode.Core.Structure;
using Antmicro.Renode.Peripherals.Bus;

namespace Antmicro.Renode.Peripherals.I2C
{
    public class Esp32c3I2c : SimpleContainer<II2CPeripheral>, IDoubleWordPeripheral, IKnownSize
    {
        public Esp32c3I2c(IMachine machine) : base(machine)
        {
            IRQ = new GPIO();
            words = new uint[Size / 4];
            toSend = new Queue<byte>();
            received = new Queue<byte>();
        }

        public override void Reset()
        {
            System.Array.Clear(words, 0, words.Length);
            toSend.Clear();
            received.Clear();
            raw = 0;
            Update();
        }

        public uint ReadDoubleWord(long offset)
        {
            switch(offset)
            {
            case Data:
                return received.Count > 0 ? received.Dequeue() : 0u;
            case IntRaw:
                return raw;
            case IntStatus:
                return raw & words[IntEna / 4];
            case Sr:
                return (uint)(received.Count << 8 | toSend.Count << 18);
            default:
                return words[offset / 4];
            }
        }

        public void WriteDoubleWord(long offset, uint value)
        {
            switch(offset)
            {
            case Data:
                toSend.Enqueue((byte)value);
                return;
            case IntClr:
                raw &= ~value;
                break;
            case Ctr:
                words[offset / 4] = value & ~(TransStart | FsmReset | ConfUpdate);
                if((value & TransStart) != 0)
                {
                    Run();
                }
                break;
            case FifoConf:
                words[offset / 4] = value;
                if((value >> 12 & 1) != 0) // RX_FIFO_RST
                {
                    received.Clear();
                }
                if((value >> 13 & 1) != 0) // TX_FIFO_RST
                {
                    toSend.Clear();
                }
                break;
            default:
                words[offset / 4] = value;
                break;
            }
            Update();
        }

        public long Size { get { return 0x100; } }

        public GPIO IRQ { get; private set; }

        private void Run()
        {
            II2CPeripheral device = null;
            var addressFollows = false;
            for(var n = 0; n < Commands; n++)
            {
                var command = words[Comd / 4 + n];
                var count = (int)(command & 0xFF);
                words[Comd / 4 + n] = command | Done;
                switch(command >> 11 & 7)
                {
                case RStart:
                    addressFollows = true;
                    break;
                case Write:
                    var bytes = new List<byte>();
                    for(var k = 0; k < count && toSend.Count > 0; k++)
                    {
                        var value = toSend.Dequeue();
                        if(addressFollows)
                        {
                            addressFollows = false;
                            if(!TryGetByAddress(value >> 1, out device))
                            {
                                raw |= Nack | TransComplete;
                                return;
                            }
                        }
                        else
                        {
                            bytes.Add(value);
                        }
                    }
                    if(bytes.Count > 0)
                    {
                        device.Write(bytes.ToArray());
                    }
                    break;
                case Read:
                    foreach(var value in device.Read(count))
                    {
                        received.Enqueue(value);
                    }
                    break;
                case Stop:
                    if(device != null)
                    {
                        device.FinishTransmission();
                    }
                    raw |= TransComplete;
                    return;
                case End:
                    raw |= EndDetected;
                    return;
                }
            }
        }

        private void Update()
        {
            IRQ.Set((raw & words[IntEna / 4]) != 0);
        }

        private uint raw;

        private readonly uint[] words;
        private readonly Queue<byte> toSend;
        private readonly Queue<byte> received;

        private const int Commands = 8;
        private const uint Write = 1;
        private const uint Stop = 2;
        private const uint Read = 3;
        private const uint End = 4;
        private const uint RStart = 6;
        private const uint Done = 1u << 31;
        private const uint TransStart = 1u << 5;
        private const uint FsmReset = 1u << 10;
        private const uint ConfUpdate = 1u << 11;
        private const uint EndDetected = 1u << 3;
        private const uint TransComplete = 1u << 7;
        private const uint Nack = 1u << 10;
        private const long Ctr = 0x04;
        private const long Sr = 0x08;
        private const long FifoConf = 0x18;
        private const long Data = 0x1C;
        private const long IntRaw = 0x20;
        private const long IntClr = 0x24;
        private const long IntEna = 0x28;
        private const long IntStatus = 0x2C;
        private const long Comd = 0x58;
    }
}
