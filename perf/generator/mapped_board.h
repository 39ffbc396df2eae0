#pragma once
#include <expected>
#include <string>
#include <utility>

#include "perf/generator/board.h"

namespace wardline::perf {

// A board, mapped for as long as this lives. The file is made where there is none; orders that stand in one are kept.
// Without a path it is memory of this process alone.
class MappedBoard {
 public:
  static std::expected<MappedBoard, std::string> open(const std::string& path);
  MappedBoard(MappedBoard&& other) noexcept : board_(std::exchange(other.board_, nullptr)) {}
  MappedBoard& operator=(MappedBoard&&) = delete;
  ~MappedBoard();

  Board& operator*() const { return *board_; }
  Board* operator->() const { return board_; }

 private:
  explicit MappedBoard(Board* board) : board_(board) {}
  Board* board_;
};

}  // namespace wardline::perf
