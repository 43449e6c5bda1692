// Takes the reports of others out of the intake: reads, keeps, removes. RFC 8460 §5.
#pragma once

#include <cstdint>
#include <string>

#include "firmware/control/reporter/store/store.hpp"

namespace postern::reporter {

struct Taken {
  std::size_t kept = 0;    // new ones
  std::size_t known = 0;   // that very report was there already
  std::size_t faulty = 0;  // no report; told to the log and gone
};

// At most `most` files. Whatever one holds, it is gone afterwards: nobody can fill the intake with nonsense.
Taken take_reports(Store& store, const std::string& directory, std::size_t most, std::int64_t now);

}  // namespace postern::reporter
