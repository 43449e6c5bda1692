// The real chip: see the header. TPM 2.0 Part 1 §23, §24 (sealed data, policies), §21 (session encryption).
#include "drivers/tpm/tss.hpp"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tcti_device.h>
#include <tss2/tss2_tcti_swtpm.h>

#include <cstdlib>
#include <cstring>
#include <optional>

namespace postern::tpm {

namespace {

constexpr std::uint32_t kMagic = 0x5054504d;  // "PTPM"
constexpr std::string_view kSoftware = "swtpm:";
constexpr std::size_t kMostPart = 2048;

using Status = TSS2_RC;

Fault refused(const char* what, Status status) {
  return Fault{std::string("the TPM does not ") + what + ": " + Tss2_RC_Decode(status)};
}

template <typename T>
struct EsysFree {
  void operator()(T* pointer) const { Esys_Free(pointer); }
};
template <typename T>
using Owned = std::unique_ptr<T, EsysFree<T>>;

// TPM 2.0 Part 2, the storage parent: P-256, AES-128-CFB; the chip makes the same key from its seed each
// time.
TPM2B_PUBLIC parent_template() {
  TPM2B_PUBLIC parent{};
  auto& area = parent.publicArea;
  area.type = TPM2_ALG_ECC;
  area.nameAlg = TPM2_ALG_SHA256;
  area.objectAttributes = TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT | TPMA_OBJECT_FIXEDTPM |
                          TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_SENSITIVEDATAORIGIN |
                          TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;
  auto& detail = area.parameters.eccDetail;
  detail.symmetric.algorithm = TPM2_ALG_AES;
  detail.symmetric.keyBits.aes = 128;
  detail.symmetric.mode.aes = TPM2_ALG_CFB;
  detail.scheme.scheme = TPM2_ALG_NULL;
  detail.curveID = TPM2_ECC_NIST_P256;
  detail.kdf.scheme = TPM2_ALG_NULL;
  return parent;
}

TPML_PCR_SELECTION selection(std::uint32_t registers) {
  TPML_PCR_SELECTION list{};
  list.count = 1;
  list.pcrSelections[0].hash = TPM2_ALG_SHA256;
  list.pcrSelections[0].sizeofSelect = 3;
  for (std::size_t i = 0; i < 3; ++i)
    list.pcrSelections[0].pcrSelect[i] = static_cast<BYTE>(registers >> (8 * i));
  return list;
}

void put(std::vector<std::uint8_t>& to, Bytes part) {
  const auto at = to.size();
  to.resize(at + 2 + part.size());
  store_be<std::uint16_t>(to.data() + at, static_cast<std::uint16_t>(part.size()));
  std::memcpy(to.data() + at + 2, part.data(), part.size());
}

std::optional<Bytes> take(Bytes& from) {
  if (from.size() < 2 || from.size() - 2 < load_be<std::uint16_t>(from.data())) return std::nullopt;
  const Bytes part = from.subspan(2, load_be<std::uint16_t>(from.data()));
  from = from.subspan(2 + part.size());
  return part;
}

class TssTpm : public Tpm {
 public:
  explicit TssTpm(std::uint32_t registers) : registers_(registers) {}
  ~TssTpm() override {
    if (esys_ != nullptr) {
      flush(parent_);
      Esys_Finalize(&esys_);
    }
    auto* tcti = reinterpret_cast<TSS2_TCTI_CONTEXT*>(tcti_.data());
    if (connected_) Tss2_Tcti_Finalize(tcti);
  }
  TssTpm(const TssTpm&) = delete;
  TssTpm& operator=(const TssTpm&) = delete;

  Result<void, Fault> connect(const std::string& where);
  std::string what() const override { return what_; }
  Result<std::vector<std::uint8_t>, Fault> seal(Bytes secret) override;
  Result<std::size_t, Fault> unseal(Bytes object, MutableBytes into) override;

 private:
  // A session is flushed with its guard.
  class Session {
   public:
    Session(TssTpm& tpm, ESYS_TR handle) : tpm_(tpm), handle_(handle) {}
    ~Session() { tpm_.flush(handle_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

   private:
    TssTpm& tpm_;
    ESYS_TR handle_;
  };

  void flush(ESYS_TR handle) {
    if (handle != ESYS_TR_NONE) Esys_FlushContext(esys_, handle);
  }
  Result<void, Fault> make_parent();
  void ask_who();
  Result<ESYS_TR, Fault> begin_session(TPM2_SE kind, std::uint32_t registers);
  Result<TPM2B_DIGEST, Fault> policy();

  std::vector<std::uint64_t> tcti_;
  bool connected_ = false;
  ESYS_CONTEXT* esys_ = nullptr;
  ESYS_TR parent_ = ESYS_TR_NONE;
  std::uint32_t registers_;
  std::string what_ = "TPM 2.0";
};

Result<void, Fault> TssTpm::connect(const std::string& where) {
  const bool software = where.starts_with(kSoftware);
  const std::string address = software ? where.substr(kSoftware.size()) : where;
  const auto init = software ? Tss2_Tcti_Swtpm_Init : Tss2_Tcti_Device_Init;
  std::size_t size = 0;
  Status status = init(nullptr, &size, nullptr);
  if (status != TSS2_RC_SUCCESS) return tl::unexpected(refused("start", status));
  tcti_.assign(size / 8 + 1, 0);
  auto* tcti = reinterpret_cast<TSS2_TCTI_CONTEXT*>(tcti_.data());
  status = init(tcti, &size, address.c_str());
  if (status != TSS2_RC_SUCCESS) return tl::unexpected(refused(("answer at " + where).c_str(), status));
  connected_ = true;
  status = Esys_Initialize(&esys_, tcti, nullptr);
  if (status != TSS2_RC_SUCCESS) return tl::unexpected(refused("start", status));
  // The kernel or the firmware has done that already, where there is a real one.
  if (software) Esys_Startup(esys_, TPM2_SU_CLEAR);
  ask_who();
  return make_parent();
}

void TssTpm::ask_who() {
  TPMI_YES_NO more = 0;
  TPMS_CAPABILITY_DATA* data = nullptr;
  if (Esys_GetCapability(esys_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, TPM2_CAP_TPM_PROPERTIES,
                         TPM2_PT_MANUFACTURER, 1, &more, &data) != TSS2_RC_SUCCESS)
    return;
  const Owned<TPMS_CAPABILITY_DATA> owned(data);
  if (data->data.tpmProperties.count == 0) return;
  std::string maker;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto letter = static_cast<char>(data->data.tpmProperties.tpmProperty[0].value >> shift);
    if (letter > ' ' && letter < 0x7f) maker += letter;
  }
  what_ = maker + ", TPM 2.0";
}

Result<void, Fault> TssTpm::make_parent() {
  const TPM2B_SENSITIVE_CREATE sensitive{};
  const auto parent = parent_template();
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION none{};
  TPM2B_PUBLIC* made = nullptr;
  const Status status =
      Esys_CreatePrimary(esys_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
                         &parent, &outside, &none, &parent_, &made, nullptr, nullptr, nullptr);
  const Owned<TPM2B_PUBLIC> owned(made);
  if (status != TSS2_RC_SUCCESS) return tl::unexpected(refused("make its key", status));
  return {};
}

// Salted by the chip's own key, so that what travels is encrypted.
Result<ESYS_TR, Fault> TssTpm::begin_session(TPM2_SE kind, std::uint32_t registers) {
  TPMT_SYM_DEF symmetric{};
  symmetric.algorithm = TPM2_ALG_AES;
  symmetric.keyBits.aes = 128;
  symmetric.mode.aes = TPM2_ALG_CFB;
  ESYS_TR session = ESYS_TR_NONE;
  Status status = Esys_StartAuthSession(esys_, parent_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                        ESYS_TR_NONE, nullptr, kind, &symmetric, TPM2_ALG_SHA256, &session);
  if (status != TSS2_RC_SUCCESS) return tl::unexpected(refused("begin a session", status));
  const TPMA_SESSION wanted = TPMA_SESSION_DECRYPT | TPMA_SESSION_ENCRYPT | TPMA_SESSION_CONTINUESESSION;
  status = Esys_TRSess_SetAttributes(esys_, session, wanted, wanted);
  if (status == TSS2_RC_SUCCESS && kind != TPM2_SE_HMAC && registers != 0) {
    const auto list = selection(registers);
    const TPM2B_DIGEST any{};
    status = Esys_PolicyPCR(esys_, session, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &any, &list);
  }
  if (status == TSS2_RC_SUCCESS) return session;
  flush(session);
  return tl::unexpected(refused("take the policy", status));
}

Result<TPM2B_DIGEST, Fault> TssTpm::policy() {
  const auto session = begin_session(TPM2_SE_TRIAL, registers_);
  if (!session) return tl::unexpected(session.error());
  const Session guard(*this, *session);
  TPM2B_DIGEST* digest = nullptr;
  const Status status =
      Esys_PolicyGetDigest(esys_, *session, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &digest);
  if (status != TSS2_RC_SUCCESS) return tl::unexpected(refused("name the policy", status));
  const Owned<TPM2B_DIGEST> owned(digest);
  return *digest;
}

Result<std::vector<std::uint8_t>, Fault> TssTpm::seal(Bytes secret) {
  if (secret.size() > kMostSealedBytes) return fault("too much to seal");
  const auto digest = policy();
  if (!digest) return tl::unexpected(digest.error());
  const auto session = begin_session(TPM2_SE_HMAC, 0);
  if (!session) return tl::unexpected(session.error());
  const Session guard(*this, *session);
  TPM2B_SENSITIVE_CREATE sensitive{};
  sensitive.sensitive.data.size = static_cast<UINT16>(secret.size());
  std::memcpy(sensitive.sensitive.data.buffer, secret.data(), secret.size());
  TPM2B_PUBLIC wanted{};
  wanted.publicArea.type = TPM2_ALG_KEYEDHASH;
  wanted.publicArea.nameAlg = TPM2_ALG_SHA256;
  wanted.publicArea.objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_NODA;
  wanted.publicArea.authPolicy = *digest;
  wanted.publicArea.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL;
  const TPM2B_DATA outside{};
  const TPML_PCR_SELECTION none{};
  TPM2B_PRIVATE* kept = nullptr;
  TPM2B_PUBLIC* named = nullptr;
  const Status status = Esys_Create(esys_, parent_, *session, ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &wanted,
                                    &outside, &none, &kept, &named, nullptr, nullptr, nullptr);
  ::explicit_bzero(&sensitive, sizeof sensitive);
  const Owned<TPM2B_PRIVATE> kept_owner(kept);
  const Owned<TPM2B_PUBLIC> named_owner(named);
  if (status != TSS2_RC_SUCCESS) return tl::unexpected(refused("seal", status));
  std::vector<std::uint8_t> object(8);
  store_be<std::uint32_t>(object.data(), kMagic);
  store_be<std::uint32_t>(object.data() + 4, registers_);
  std::array<std::uint8_t, kMostPart> part{};
  std::size_t size = 0;
  if (Tss2_MU_TPM2B_PUBLIC_Marshal(named, part.data(), part.size(), &size) != TSS2_RC_SUCCESS)
    return fault("the TPM made something unusual");
  put(object, Bytes(part).first(size));
  size = 0;
  if (Tss2_MU_TPM2B_PRIVATE_Marshal(kept, part.data(), part.size(), &size) != TSS2_RC_SUCCESS)
    return fault("the TPM made something unusual");
  put(object, Bytes(part).first(size));
  return object;
}

Result<std::size_t, Fault> TssTpm::unseal(Bytes object, MutableBytes into) {
  if (object.size() < 8 || load_be<std::uint32_t>(object.data()) != kMagic)
    return fault("that is no sealed object");
  const auto registers = load_be<std::uint32_t>(object.data() + 4);
  Bytes rest = object.subspan(8);
  const auto named = take(rest);
  const auto kept = take(rest);
  TPM2B_PUBLIC public_part{};
  TPM2B_PRIVATE private_part{};
  std::size_t at = 0;
  if (!named || !kept || !rest.empty() ||
      Tss2_MU_TPM2B_PUBLIC_Unmarshal(named->data(), named->size(), &at, &public_part) != TSS2_RC_SUCCESS ||
      (at = 0, Tss2_MU_TPM2B_PRIVATE_Unmarshal(kept->data(), kept->size(), &at, &private_part)) !=
          TSS2_RC_SUCCESS)
    return fault("the sealed object is damaged");
  ESYS_TR loaded = ESYS_TR_NONE;
  Status status = Esys_Load(esys_, parent_, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &private_part,
                            &public_part, &loaded);
  if (status != TSS2_RC_SUCCESS)
    return tl::unexpected(refused("know what is sealed (another chip, or it was cleared)", status));
  const Session loaded_guard(*this, loaded);
  const auto session = begin_session(TPM2_SE_POLICY, registers);
  if (!session) return tl::unexpected(session.error());
  const Session guard(*this, *session);
  TPM2B_SENSITIVE_DATA* data = nullptr;
  status = Esys_Unseal(esys_, loaded, *session, ESYS_TR_NONE, ESYS_TR_NONE, &data);
  if (status != TSS2_RC_SUCCESS)
    return tl::unexpected(refused("open what is sealed (the machine was started in another way)", status));
  const std::size_t size = data->size;
  const bool fits = size <= into.size();
  if (fits) std::memcpy(into.data(), data->buffer, size);
  ::explicit_bzero(data, sizeof *data);
  Esys_Free(data);
  if (!fits) return fault("no room for what is sealed");
  return size;
}

}  // namespace

Result<std::unique_ptr<Tpm>, Fault> open_tpm(const std::string& where, std::uint32_t registers) {
  // The library would write to standard error itself; what it says comes back as a fault.
  ::setenv("TSS2_LOG", "all+none", 0);
  auto tpm = std::make_unique<TssTpm>(registers);
  if (const auto connected = tpm->connect(where); !connected) return tl::unexpected(connected.error());
  return tpm;
}

}  // namespace postern::tpm
