#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace tfjs_sparse {

/// `name=value` words of a request.
using Words = std::map<std::string, std::string>;

/// A case's numbers out of the files that bench/cases/product-files.ts writes.
struct ProductCase {
  std::string folder;
  size_t n = 0, k = 0, m = 0, threads = 1;
  /// [n][k]
  std::vector<float> weight;
  /// [m][k]
  std::vector<float> x;
};

/// @returns false when a word or a file is missing or too short; `error` says which
bool read_case(const Words& words, ProductCase* product, std::string* error);

/// Writes y [m][n] beside the case's files. @returns its path
std::string write_output(const ProductCase& product, const std::string& engine, const std::vector<float>& y);

}  // namespace tfjs_sparse
