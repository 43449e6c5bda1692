// Counting and telling: one line of JSON on standard output.
#include "tools/load/report.hpp"

#include <algorithm>
#include <iostream>

#include <nlohmann/json.hpp>

namespace postern::load {

namespace {

double seconds(Clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

float quantile(std::vector<float>& values, double part) {
  if (values.empty()) return 0;
  const auto index = static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return values[static_cast<std::size_t>(index)];
}

}  // namespace

void Report::accept(const std::string& id, Clock::time_point asked) {
  ++accepted;
  latencies.push_back(static_cast<float>(seconds(Clock::now() - asked) * 1000));
  // Flushed line by line: a test that kills this program still knows what was promised.
  if (record.is_open()) record << id << std::endl;
}

void Report::print(const Options& options) {
  const double took = seconds((ended == Clock::time_point{} ? Clock::now() : ended) - began);
  nlohmann::ordered_json out;
  out["seconds"] = took;
  out["opened"] = opened;
  out["handshakes"] = handshakes;
  out["resumed"] = resumed;
  out["accepted"] = accepted;
  out["refused"] = refused;
  out["uncertain"] = uncertain;
  out["idle_open"] = idle_open;
  out["bytes"] = options.size * accepted;
  out["messages_per_second"] = static_cast<double>(accepted) / took;
  out["handshakes_per_second"] = static_cast<double>(handshakes) / took;
  out["latency_ms"] = {{"p50", quantile(latencies, 0.5)},
                       {"p95", quantile(latencies, 0.95)},
                       {"p99", quantile(latencies, 0.99)},
                       {"max", quantile(latencies, 1)}};
  out["tls"] = tls;
  out["errors"] = errors;
  std::cout << out.dump() << std::endl;
}

}  // namespace postern::load
