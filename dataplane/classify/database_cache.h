#pragma once
#include <span>
#include <string>

#include "dataplane/classify/engine.h"

namespace wardline::classify {

// Compiled databases on disk, one file each, named by a hash over this Hyperscan, this processor's features and all
// that decides what its expressions match, so that nothing else can be found under the name. Used on the control side
// only; several threads may use one at a time.
//
// Whatever goes wrong here is a miss or a file not written: the patterns are then compiled.
class DatabaseCache {
 public:
  explicit DatabaseCache(std::string folder);  // "": every look-up misses, nothing is written

  DatabasePtr load(std::span<const Expression> content) const;
  // Databases that nobody loaded or stored for thirty days are removed.
  void forget_unused() const;
  void store(std::span<const Expression> content, const hs_database_t& database) const;

 private:
  std::string path_of(std::span<const Expression> content) const;

  std::string folder_;
  std::string engine_;  // hs_database_info of a database compiled here: version, processor features, mode
};

}  // namespace wardline::classify
