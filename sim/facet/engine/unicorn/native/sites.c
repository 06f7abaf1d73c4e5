/* Instructions that Unicorn carries out in another way than the chip does: a
 * hook on each of them.
 *
 * Python finds them when a block is costed for the first time, adds a hook and
 * lets the block be translated again.
 */
#include "core.h"
#include "profile.h"

enum { BASEPRI = 17, BASEPRI_MAX = 18 }; /* SYSm (ARM DDI 0403E, B5.1.1) */

/* The kinds are mirrored in Python. */
enum { SITE_PYTHON, SITE_DIVIDE, SITE_ALIGN, SITE_SEV, SITE_BASEPRI, SITE_SKIP };

typedef struct {
  Core* core;
  uint32_t kind;
  uint32_t base, index; /* of SITE_ALIGN: register numbers, or NO_REGISTER; of SITE_SKIP: cycles
                         * less where the condition holds, and where it does not */
  uint32_t shift, displacement, mask;
  uint32_t value;   /* a register number: the divisor, or what MSR writes; a condition */
  uint32_t special; /* of SITE_BASEPRI: which register MSR writes */
} Site;

uint32_t facet_site_size(void) { return sizeof(Site); }

static uint32_t value_of(Core* core, uint32_t number) {
  return number == NO_REGISTER ? 0 : general(core, number);
}

static void write_basepri(Core* core, const Site* site) {
  uint32_t old = read_id(core, ID_BASEPRI) & 0xFF, value = general(core, site->value) & 0xF0;
  if (site->special == BASEPRI_MAX && (!value || (old && value >= old))) value = old;
  core->basepri = value;
  core->basepri_written = core->attention = 1;
}

/* Counts what a division takes beyond the two cycles that its block has for it.
 */
static void divide(Core* core, const Site* site, uint32_t address) {
  uint32_t more =
      m4_divide_cycles(general(core, site->base), general(core, site->value), (int)site->special) -
      2;
  core->half_cycles += 2 * more;
  if (core->profile && more) profile_wait(core, address, CAUSE_DIVIDE, (int32_t)more);
}

/* Whether a condition holds (ARM DDI 0403E, A7.3). */
static bool holds(Core* core, uint32_t condition) {
  uint32_t flags = read_id(core, ID_XPSR) >> 28;
  bool n = flags & 8, z = flags & 4, c = flags & 2, v = flags & 1, found;
  switch (condition >> 1) {
    case 0:
      found = z;
      break;
    case 1:
      found = c;
      break;
    case 2:
      found = n;
      break;
    case 3:
      found = v;
      break;
    case 4:
      found = c && !z;
      break;
    case 5:
      found = n == v;
      break;
    case 6:
      found = n == v && !z;
      break;
    default:
      return true;
  }
  return condition & 1 ? !found : found;
}

/* Takes off what an IT's instructions cost that are not carried out. */
static void skip(Core* core, const Site* site, uint32_t address) {
  uint32_t less = holds(core, site->value) ? site->base : site->index;
  core->half_cycles -= 2 * less;
  if (core->profile && less) profile_wait(core, address, CAUSE_LOAD, -(int32_t)less);
}

static void stop_at(Core* core, const Site* site) {
  core->at_site = 1 + site->kind;
  stop_now(core);
}

static void on_site(Uc* uc, uint64_t address, uint32_t size, void* user) {
  (void)uc, (void)size;
  const Site* site = user;
  Core* core = site->core;
  switch (site->kind) {
    case SITE_DIVIDE:
      if (!general(core, site->value) && site->mask)
        stop_at(core, site);
      else
        divide(core, site, (uint32_t)address);
      break;
    case SITE_ALIGN: {
      uint32_t effective = value_of(core, site->base) + site->displacement +
                           (value_of(core, site->index) << site->shift);
      if (effective & site->mask) stop_at(core, site);
      break;
    }
    case SITE_SEV:
      core->nvic.event_register = 1;
      break;
    case SITE_SKIP:
      skip(core, site, (uint32_t)address);
      break;
    case SITE_BASEPRI:
      write_basepri(core, site);
      break;
    default:
      stop_at(core, site);
  }
}

uint64_t facet_add_site(Core* core, Site* site, uint32_t address, uint32_t size) {
  size_t handle = 0;
  site->core = core;
  core->api.hook_add(core->uc, &handle, UC_HOOK_CODE, (void*)on_site, site, (uint64_t)address,
                     (uint64_t)address);
  core->api.ctl(core->uc, TB_REMOVE_CACHE, (uint64_t)address, (uint64_t)address + size);
  return handle;
}

void facet_remove_site(Core* core, uint64_t handle) { core->api.hook_del(core->uc, handle); }
