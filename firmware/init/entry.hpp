// Under which name the loader started us, and renaming it on the ESP.
//
// What always holds: the ESP is mounted only while something is renamed, and is unmounted before this
// returns.
#pragma once

#include <string>
#include <string_view>

#include "platform/base/result.hpp"
#include "platform/slots/names.hpp"

namespace postern::init {

// An EFI variable of the loader's (LoaderEntrySelected, LoaderDevicePartUUID), as ASCII; empty where there is
// none.
std::string loader_variable(std::string_view name);

// The entry of this number and slot is good by its name and gets a counter: so many tries are left. False
// where it has one already (the loader counts), or is not there.
Result<bool, Fault> give_counter(const std::string& esp_device, const slots::Entry& entry,
                                 std::uint32_t left);

// What updates and marking need to know of this start, as platform/slots wants it, in /run/postern/slots.
Result<void, Fault> make_slots_folder(const std::string& board);

}  // namespace postern::init
