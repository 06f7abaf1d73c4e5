// Functions of Renode's translation library; its NativeBinder fills them in, and Tlib.Of collects them.
using System;

using Antmicro.Renode.Utilities.Binding;

namespace Antmicro.Renode.Peripherals.Facet
{
    public partial class FacetCortexM
    {
        // 169, 649: assigned by Renode's NativeBinder, read by Tlib.Of
#pragma warning disable 169, 649
        [Import(Name = "tlib_execute")]
        private readonly Func<uint, int> FacetExecute;
        [Import(Name = "tlib_get_executed_instructions")]
        private readonly Func<ulong> FacetExecuted;
        [Import(Name = "tlib_get_total_executed_instructions")]
        private readonly Func<ulong> FacetTotal;
        [Import(Name = "tlib_get_register_value_32")]
        private readonly Func<int, uint> FacetGet;
        [Import(Name = "tlib_set_register_value_32")]
        private readonly Action<int, uint> FacetSet;
        [Import(Name = "tlib_set_return_on_exception")]
        private readonly Func<int, int> FacetSetReturnOnException;
        [Import(Name = "tlib_set_block_begin_hook_present")]
        private readonly Action<uint> FacetSetBlockBeginHookPresent;
        [Import(Name = "tlib_set_maximum_block_size")]
        private readonly Func<uint, uint> FacetSetMaximumBlockSize;
        [Import(Name = "tlib_set_return_request")]
        private readonly Action FacetSetReturnRequest;
        [Import(Name = "tlib_request_translation_block_interrupt")]
        private readonly Action<int> FacetRequestInterrupt;
        [Import(Name = "renode_attach_log_translation_block_fetch")]
        private readonly Action<IntPtr> FacetAttachBlockFound;
        [Import(Name = "renode_external_attach__FuncUInt32UInt64UInt32__OnBlockBegin", UseExceptionWrapper = false, Optional = true)]
        private readonly Action<IntPtr> FacetAttachBlockBegin;
        [Import(Name = "tlib_flush_page")]
        private readonly Action<ulong> FacetFlushPage;
        [Import(Name = "tlib_flush_tlb")]
        private readonly Action<uint> FacetFlushTlb;
        [Import(Name = "tlib_reset")]
        private readonly Action FacetReset;
        [Import(Name = "tlib_invalidate_translation_cache")]
        private readonly Action FacetInvalidate;
        [Import(Name = "tlib_export_state")]
        private readonly Func<IntPtr> FacetExportState;
        [Import(Name = "tlib_get_state_size")]
        private readonly Func<int> FacetGetStateSize;
#pragma warning restore 169, 649
    }
}
