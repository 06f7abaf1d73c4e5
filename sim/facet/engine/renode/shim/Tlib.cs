// The part of Renode's translation library that the engine calls, for both architectures.
using System;
using System.Reflection;

namespace Antmicro.Renode.Peripherals.Facet
{
    // Functions of Renode's translation library, which it binds to the fields of a core's class.
    public class Tlib
    {
        public Func<uint, int> Execute;
        public Func<ulong> Executed;
        public Func<ulong> Total;
        public Func<int, uint> Get;
        public Action<int, uint> Set;
        public Func<int, int> SetReturnOnException;
        public Action<uint> SetBlockBeginHookPresent;
        public Func<uint, uint> SetMaximumBlockSize;
        public Action SetReturnRequest;
        public Action<int> RequestInterrupt;
        public Action<IntPtr> AttachBlockFound;
        public Action<IntPtr> AttachBlockBegin;
        public Action<ulong> FlushPage;
        public Action<uint> FlushTlb;
        public Action Reset;
        public Action Invalidate;
        public Func<IntPtr> ExportState;
        public Func<int> GetStateSize;

        // The functions that a core's class imports as FacetExecute, FacetExecuted and so on.
        public static Tlib Of(object core)
        {
            var functions = new Tlib();
            foreach(var field in typeof(Tlib).GetFields())
            {
                var imported = core.GetType().GetField("Facet" + field.Name, BindingFlags.Instance | BindingFlags.NonPublic);
                field.SetValue(functions, imported.GetValue(core));
            }
            return functions;
        }
    }
}
