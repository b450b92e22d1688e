// Drives a target where there is no libFuzzer: on its seeds, and on random changes of them, for some seconds.
// Blind where libFuzzer looks at what the bytes reach, it needs no Clang and no build of its own: the objects
// of the sanitized native tests do. Input i depends on the seed and i alone, so that one that breaks is
// repeated.
//
//     fuzz_quick_<target> CORPUS SECONDS SEED [INPUT]
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;

constexpr size_t kLongest = 600;

uint64_t g_seed = 0, g_input = 0;

/// Sanitizers end here too where their options say abort_on_error=1.
void on_abort(int) {
  std::fprintf(stderr, "\nbroken by input %llu of seed %llu\n", static_cast<unsigned long long>(g_input),
               static_cast<unsigned long long>(g_seed));
  std::_Exit(1);
}

std::vector<Input> read_corpus(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Input> corpus;
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  }
  return corpus;
}

/// The seeds themselves first; then every fourth input is random bytes, the others are a seed with a few
/// changes.
Input make_input(const std::vector<Input>& corpus, uint64_t i) {
  if (i < corpus.size()) return corpus[i];
  std::mt19937_64 random(g_seed * 0x9e3779b97f4a7c15ull + i);
  Input input;
  if (i % 4 == 0 || corpus.empty()) {
    input.resize(random() % kLongest);
    for (uint8_t& byte : input) byte = static_cast<uint8_t>(random());
    return input;
  }
  input = corpus[random() % corpus.size()];
  for (uint64_t change = random() % 8; change-- > 0;) {
    const size_t at = random() % (input.size() + 1);
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    const uint8_t byte = random() % 4 == 0 ? 255 : static_cast<uint8_t>(random());
    switch (random() % 4) {
      case 0:
        input.insert(place, byte);
        break;
      case 1:
        if (place != input.end())
          input.erase(place, place + std::min<std::ptrdiff_t>(4, input.end() - place));
        break;
      default:
        if (place != input.end()) *place = byte;
    }
  }
  input.resize(std::min(input.size(), kLongest));
  return input;
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::fprintf(stderr, "expected CORPUS SECONDS SEED [INPUT]\n");
    return 2;
  }
  const std::vector<Input> corpus = read_corpus(words[1]);
  const double seconds = std::atof(words[2]);
  g_seed = std::strtoull(words[3], nullptr, 10);
  std::signal(SIGABRT, on_abort);
  const bool one = count > 4;
  if (one) g_input = std::strtoull(words[4], nullptr, 10);
  const auto start = std::chrono::steady_clock::now();
  for (;; ++g_input) {
    // A copy in memory that ends with it: the sanitizer sees the first byte too many.
    const Input input = make_input(corpus, g_input);
    LLVMFuzzerTestOneInput(input.data(), input.size());
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    if (one || (g_input >= corpus.size() && passed.count() > seconds)) break;
  }
  std::printf("%llu inputs of seed %llu, %zu of them from %s\n", static_cast<unsigned long long>(g_input + 1),
              static_cast<unsigned long long>(g_seed), corpus.size(), words[1]);
  return 0;
}
