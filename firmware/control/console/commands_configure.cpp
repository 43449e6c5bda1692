// The table of commands: changing settings.
#include <array>

#include "firmware/control/console/commands.hpp"

namespace postern::control::console {

namespace {

using enum Mode;
using enum Act;
using enum Role;

constexpr auto kConfigure = std::to_array<Row>({
    {configure, "set <setting> [<value...>]",
     "give a setting a value; all elements of a list; a secret is asked for when left out", operates,
     Act::ask, "settings.set", console::ask::value, view::changed},
    {configure, "add <setting> <value...>", "put elements to a list", operates, own, "add"},
    {configure, "remove <setting> <value...>", "take elements from a list", operates, own, "remove"},
    {configure, "delete <setting>", "back to the default", operates, Act::ask, "settings.delete",
     console::ask::name, view::changed},
    {configure, "edit <path>", "write names from here on without this front", operates, own, "edit"},
    {configure, "up", "one step back from `edit`", operates, own, "up"},
    {configure, "top", "back from `edit` at once", operates, own, "top"},
    {configure, "show", "what would be set after commit, here", auditor, own, "show"},
    {configure, "compare", "what commit would change", auditor, Act::ask, "settings.compare", nullptr,
     view::compare},
    {configure, "compare <generation>", "an earlier generation against the candidate", auditor, Act::ask,
     "settings.compare", console::ask::generation, view::compare},
    {configure, "commit [comment <text...>]", "check, then put the candidate in force", operates, Act::ask,
     "settings.commit", console::ask::commit, view::committed},
    {configure, "commit check", "all faults of the candidate at once", operates, Act::ask, "settings.check",
     nullptr, view::checked},
    {configure, "commit confirmed [<minutes>] [comment <text...>]",
     "put it in force, and take it back unless confirmed in time (10 minutes)", operates, Act::ask,
     "settings.commit", console::ask::commit_confirmed, view::committed},
    {configure, "rollback <generation>", "load an earlier generation into the candidate", operates, Act::ask,
     "settings.rollback", console::ask::generation, view::changed},
    {configure, "rollback rescue", "load the rescue settings into the candidate", operates, Act::ask,
     "settings.rescue", console::ask::rescue_load, view::changed},
    {configure, "discard", "throw the candidate away", operates, Act::ask, "settings.discard", nullptr,
     view::changed},
    {configure, "lock", "nobody else may commit meanwhile", operates, Act::ask, "settings.lock",
     console::ask::lock, view::done},
    {configure, "unlock", "others may commit again", operates, Act::ask, "settings.lock",
     console::ask::unlock, view::done},
    {configure, "run <command...>", "a command from outside of configuration", operates, own, "run"},
});

}  // namespace

std::span<const Row> configure_rows() {
  return kConfigure;
}

}  // namespace postern::control::console
