// Long work.
#include "firmware/control/admin/handlers/parts.hpp"

namespace postern::admin {

namespace {

Response list(Call& call) {
  return json_response({{"jobs", call.rooms.jobs.list()}});
}

Response get(Call& call) {
  return json_response(call.rooms.jobs.get(call.text("id")));
}

Response cancel(Call& call) {
  call.rooms.jobs.cancel(call.text("id"));
  return json_response({{"done", true}});
}

constexpr HandlerRow kRows[] = {{"listJobs", list}, {"getJob", get}, {"cancelJob", cancel}};

}  // namespace

std::span<const HandlerRow> job_handlers() {
  return kRows;
}

}  // namespace postern::admin
