// The one door to the record library's headers, which make macros of C++'s own words.
#pragma once

#include <ldns/ldns.h>

#undef bool
#undef true
#undef false
