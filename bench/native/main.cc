// The native bench: an engine process that answers lines of words (bench/runner/line-process.ts says which).
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>

#include "engine.h"
#include "limits.h"
#include "timing.h"

namespace tfjs_sparse {
namespace {

using EngineMaker = MadeEngine (*)(const Words& words);
const std::map<std::string, EngineMaker> kEngines = {
    {"kernel", make_kernel_engine},
    {"scale", make_scale_engine},
#if defined(SPARSE_BENCH_XNNPACK)
    {"xnnpack", make_xnnpack_engine},
#endif
#if defined(SPARSE_BENCH_LIBXSMM)
    {"libxsmm", make_libxsmm_engine},
#endif
};

/// A call of so many seconds needs no other before it to warm the caches.
constexpr double kLongCall = 0.05;

struct Running {
  std::unique_ptr<BenchEngine> engine;
  double last_period = 0;
};

/// Seconds of one call, after one that is not timed.
double sample(Running* running, size_t calls) {
  if (running->last_period < kLongCall) running->engine->run();
  const double start = seconds_now();
  for (size_t i = 0; i < calls; ++i) running->engine->run();
  running->last_period = (seconds_now() - start) / double(calls);
  return running->last_period;
}

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.9g", value);
  return text;
}

class Host {
 public:
  std::string answer(const std::vector<std::string>& request) {
    const std::string& op = request[0];
    const std::string name = request.size() > 1 ? request[1] : "";
    if (op == "limits") return limits(name);
    if (op == "stats") return random_weight_stats(words_of(request));
    if (op == "prepare") return prepare(name, request);
    if (op == "dispose") {
      running_.erase(name);
      return "done";
    }
    const auto found = running_.find(name);
    if (found == running_.end()) return "error\t" + name + " is not prepared";
    if (op == "sample" && request.size() > 2)
      return "seconds\t" + number(sample(&found->second, std::strtoull(request[2].c_str(), nullptr, 10)));
    if (op == "facts") {
      std::string reply = "facts";
      for (const auto& [key, value] : found->second.engine->facts()) reply += "\t" + key + "=" + value;
      return reply;
    }
    return "error\tunknown request " + op;
  }

 private:
  static Words words_of(const std::vector<std::string>& request) {
    Words words;
    for (size_t i = 1; i < request.size(); ++i) {
      const size_t equals = request[i].find('=');
      if (equals != std::string::npos) words[request[i].substr(0, equals)] = request[i].substr(equals + 1);
    }
    return words;
  }

  static std::string limits(const std::string& isa) {
    std::string reply = "limits";
    const auto found = measure_limits(isa);
    if (found.empty()) return "error\tthere are no loops that measure limits for " + isa;
    for (const auto& [key, value] : found) reply += "\t" + key + "=" + number(value);
    return reply;
  }

  std::string prepare(const std::string& name, const std::vector<std::string>& request) {
    const auto maker = kEngines.find(name);
    if (maker == kEngines.end())
      return "unavailable\tnot installed: " + name +
             " was not found when the bench was built (npm run setup:peers)";
    const Words words = words_of(request);
    MadeEngine made = maker->second(words);
    if (!made.error.empty()) return "error\t" + made.error;
    if (made.engine == nullptr) return "unavailable\t" + made.unavailable;
    ProductCase where;
    const auto folder = words.find("folder");
    if (folder != words.end()) where.folder = folder->second;
    const std::string file = write_output(where, name, made.engine->output());
    running_[name] = {std::move(made.engine), 0};
    return "output\t" + file;
  }

  std::map<std::string, Running> running_;
};

}  // namespace
}  // namespace tfjs_sparse

int main() {
  tfjs_sparse::Host host;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::vector<std::string> request;
    std::istringstream words(line);
    for (std::string word; std::getline(words, word, '\t');) request.push_back(word);
    if (request.empty()) request.emplace_back();
    std::cout << host.answer(request) << std::endl;
  }
  return 0;
}
