#include "product_case.h"

#include <cstdlib>
#include <fstream>

namespace tfjs_sparse {

namespace {

bool read_floats(const std::string& file, size_t count, std::vector<float>* out, std::string* error) {
  out->resize(count);
  std::ifstream stream(file, std::ios::binary);
  stream.read(reinterpret_cast<char*>(out->data()), static_cast<std::streamsize>(count * sizeof(float)));
  if (stream) return true;
  *error = file + " has less than " + std::to_string(count) + " floats";
  return false;
}

}  // namespace

bool read_case(const Words& words, ProductCase* product, std::string* error) {
  const std::pair<const char*, size_t*> sizes[] = {
      {"n", &product->n}, {"k", &product->k}, {"m", &product->m}, {"threads", &product->threads}};
  for (const auto& [name, value] : sizes) {
    const auto found = words.find(name);
    *value = found == words.end() ? 0 : std::strtoull(found->second.c_str(), nullptr, 10);
    if (*value == 0) {
      *error = std::string("the case has no ") + name;
      return false;
    }
  }
  const auto folder = words.find("folder");
  product->folder = folder == words.end() ? "" : folder->second;
  std::vector<float> kernel;  // [k][n]
  const size_t n = product->n, k = product->k;
  if (!read_floats(product->folder + "/kernel.f32", k * n, &kernel, error)) return false;
  product->weight.resize(n * k);
  constexpr size_t kBlock = 32;
  for (size_t row = 0; row < n; row += kBlock)
    for (size_t column = 0; column < k; ++column)
      for (size_t r = row; r < n && r < row + kBlock; ++r)
        product->weight[r * k + column] = kernel[column * n + r];
  const std::string x = product->folder + "/x-" + std::to_string(product->m) + ".f32";
  return read_floats(x, product->m * k, &product->x, error);
}

std::string write_output(const ProductCase& product, const std::string& engine, const std::vector<float>& y) {
  const std::string file = product.folder + "/y-" + engine + ".f32";
  std::ofstream stream(file, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(y.data()),
               static_cast<std::streamsize>(y.size() * sizeof(float)));
  return file;
}

}  // namespace tfjs_sparse
