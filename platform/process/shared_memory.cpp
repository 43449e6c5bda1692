// Memory that two processes share: see the header.
#include "platform/process/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace postern::process {

namespace {

constexpr int kFixedSize = F_SEAL_SHRINK | F_SEAL_GROW;

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

std::string reason(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

int seals_of(Sharing sharing) {
  switch (sharing) {
    case Sharing::frozen:
      return kFixedSize | F_SEAL_WRITE;
    case Sharing::maker_writes:
      return kFixedSize | F_SEAL_FUTURE_WRITE;
    case Sharing::both_write:
      return kFixedSize;
  }
  return kFixedSize;
}

Result<Mapping, Fault> map(int fd, std::size_t size, bool writable) {
  void* at = ::mmap(nullptr, size, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return fault(reason("cannot map shared memory"));
  ::madvise(at, size, MADV_DONTDUMP);
  return Mapping(at, size);
}

}  // namespace

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this != &other) {
    if (at_ != nullptr) ::munmap(at_, size_);
    at_ = std::exchange(other.at_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Mapping::~Mapping() {
  if (at_ != nullptr) ::munmap(at_, size_);
}

Result<SharedMemory, Fault> make_shared_memory(const char* name, std::size_t size, Sharing sharing) {
  SharedMemory memory{Descriptor(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)), {}};
  if (!memory.descriptor) return fault(reason("cannot make shared memory"));
  if (::ftruncate(memory.descriptor.get(), static_cast<off_t>(size)) != 0) {
    return fault(reason("cannot size shared memory"));
  }
  auto mapping = map(memory.descriptor.get(), size, true);
  if (!mapping) return tl::unexpected(mapping.error());
  memory.mapping = std::move(*mapping);
  if (::fcntl(memory.descriptor.get(), F_ADD_SEALS, seals_of(sharing)) != 0) {
    return fault(reason("cannot seal shared memory"));
  }
  return memory;
}

Result<Descriptor, Fault> make_frozen(const char* name, Bytes content) {
  Descriptor descriptor(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!descriptor) return fault(reason("cannot make shared memory"));
  while (!content.empty()) {
    const auto written = ::write(descriptor.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fault(reason("cannot fill shared memory"));
    content = content.subspan(static_cast<std::size_t>(written));
  }
  if (::fcntl(descriptor.get(), F_ADD_SEALS, seals_of(Sharing::frozen)) != 0) {
    return fault(reason("cannot seal shared memory"));
  }
  return descriptor;
}

Result<Mapping, Fault> map_received(const Descriptor& descriptor, std::size_t least, std::size_t most,
                                    Sharing sharing) {
  const int seals = ::fcntl(descriptor.get(), F_GET_SEALS);
  // What the receiver relies on: the size stays; frozen content stays. A maker that may write still may.
  const int needed = sharing == Sharing::frozen ? seals_of(sharing) : kFixedSize;
  if (seals < 0 || (seals & needed) != needed) return fault("the shared memory received is not sealed");
  struct stat facts {};
  if (::fstat(descriptor.get(), &facts) != 0) return fault(reason("cannot look at shared memory"));
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size < least || size > most || size == 0) {
    return fault("the shared memory received has " + std::to_string(size) + " bytes, expected " +
                 std::to_string(least) + " to " + std::to_string(most));
  }
  return map(descriptor.get(), size, sharing == Sharing::both_write);
}

}  // namespace postern::process
