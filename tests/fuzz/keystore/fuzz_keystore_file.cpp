// What lies in the keystore's directory may have been put there by anybody who had the disk: sealed secrets,
// the slots of the master key, what is inside a secret, and what goes to control.
#include <cstdint>
#include <cstdlib>

#include "firmware/control/keystore/store/entry.hpp"
#include "firmware/control/keystore/store/slots.hpp"
#include "firmware/ipc/grants.hpp"

using namespace postern;
using namespace postern::keystore;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void read_file(Bytes input, const Secret& master) {
  if (const auto view = read_sealed(input)) {
    must(is_entry_name(view->name));
    // Nobody without the key makes a file that opens.
    must(!open_sealed(master, *view));
  }
  if (const auto slots = read_slots(input)) {
    const auto again = write_slots(*slots);
    must(Bytes(again).size() == input.size());
    for (const auto& slot : *slots) must(!unwrap(slot, master));
  }
}

void read_inside(Bytes input, const Secret& master) {
  if (const auto entry = read_entry(Kind::tls, "a", input)) {
    const auto again = write_entry(*entry);
    must(again.bytes().size() == input.size());
  }
  const auto sealed = seal(master, Kind::secret, "a", input);
  const auto view = read_sealed(sealed);
  must(view.has_value());
  const auto opened = open_sealed(master, *view);
  must(opened && opened->text() == as_text(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Secret master = Secret::random(kMasterBytes);
  const Bytes input(data, size);
  read_file(input, master);
  read_inside(input, master);
  if (auto grants = ipc::read_grants(input)) must(ipc::write_grants(*grants).size() == size);
  return 0;
}
