// The table of commands: what can be asked of the box. Rows that cannot be taken back say first what they do.
#include <array>

#include "firmware/control/console/commands.hpp"

namespace postern::control::console {

namespace {

using enum Mode;
using enum Act;
using enum Role;

constexpr auto kRequest = std::to_array<Row>({
    {operate, "request probe <domain>", "connect to a domain's mail servers and say what matched", operates,
     program, "probe {domain}"},
    {operate, "request queue hurry", "try every waiting message now", operates, Act::ask, "hurry", nullptr,
     view::done},
    {operate, "request queue hold <id>", "keep a message from being tried", operates, program,
     "queue hold --id {id} --yes"},
    {operate, "request queue release <id>", "let a held message go", operates, program,
     "queue release --id {id} --yes"},
    {operate, "request queue retry <id>", "try one message now", operates, program,
     "queue retry --id {id} --yes"},
    {operate, "request queue hold to-domain <domain>", "keep all mail to a domain from being tried", operates,
     program, "queue hold --to-domain {domain} --yes"},
    {operate, "request queue release to-domain <domain>", "let held mail to a domain go", operates, program,
     "queue release --to-domain {domain} --yes"},
    {operate, "request queue retry to-domain <domain>", "try all mail to a domain now", operates, program,
     "queue retry --to-domain {domain} --yes"},
    {operate, "request queue reroute <id> <server>", "try a message over this server instead", operates,
     program, "queue reroute --id {id} --via {server} --yes"},
    {operate, "request queue bounce <id>", "give a message back to its sender", operates, program,
     "queue bounce --id {id} --yes", nullptr, nullptr,
     "The sender gets a notice that the message was not delivered, and the message leaves the queue."},
    {operate, "request queue drop <id>", "delete a message without telling anybody", operates, program,
     "queue drop --id {id} --yes", nullptr, nullptr,
     "The message is deleted and nobody is told. It cannot be had back."},
    {operate, "request restart mail", "end the data plane in order and start it again", operates, Act::ask,
     "restart", nullptr, view::done,
     "Sessions get ten seconds to finish; for some seconds no mail is taken. Nothing accepted is lost."},
    {operate, "request system reboot", "start the whole box again", operates, Act::ask, "system.reboot",
     console::ask::sure, view::done,
     "The box ends its sessions in order and starts again. Mail waits meanwhile."},
    {operate, "request system power-off", "end everything and switch off", owner, Act::ask,
     "system.power_off", console::ask::sure, view::done,
     "The box ends its sessions in order and switches off. Somebody has to switch it on."},
    {operate, "request system update <source>", "take in a signed bundle: usb, or a file on the box", owner, Act::ask,
     "update.install", console::ask::source, view::done,
     "The bundle is checked and written to the other slot; the box then starts from there."},
    {operate, "request system switch-slot", "start from the other slot", owner, Act::ask, "update.rollback",
     console::ask::sure, view::done, "The box starts again with the version in the other slot."},
    {operate, "request system factory-reset", "back to the state it was bought in", owner, Act::ask,
     "settings.factory_reset", console::ask::sure, view::done,
     "Every setting goes back to its default, and every earlier generation and the rescue settings are "
     "forgotten."},
    {operate, "request system erase", "forget everything and start anew", owner, Act::ask, "system.erase",
     console::ask::sure, view::done,
     "Everything this box has learned is erased, beginning with its keys: mail that waits, settings, people, "
     "logs. It starts as on its first day."},
    {operate, "request rescue save", "keep the settings in force as the rescue settings", operates, Act::ask,
     "settings.rescue", console::ask::rescue_save, view::done},
    {operate, "request password", "change the password for this console", help_desk, own, "password"},
    {operate, "configure [exclusive]", "change settings: a candidate of your own, then commit", operates, own,
     "configure"},
    {both, "confirm", "keep what `commit confirmed` put in force", operates, Act::ask, "settings.confirm",
     nullptr, view::done},
    {operate, "menu", "the numbered menu", help_desk, own, "menu"},
    {both, "help [<command...>]", "what there is; the manual page of a command", help_desk, own, "help"},
    {both, "exit", "leave configuration, or log out", help_desk, own, "exit"},
    {operate, "quit", "log out", help_desk, own, "quit"},
});

}  // namespace

std::span<const Row> request_rows() {
  return kRequest;
}

}  // namespace postern::control::console
