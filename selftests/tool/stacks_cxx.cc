// SPDX-License-Identifier: GPL-2.0
// Asks for memory from a method of a template, by new and while an exception is on its way.
#include <stdexcept>
#include <string>
#include <vector>

namespace shop {

template <typename Item>
class Shelf {
public:
	__attribute__((noinline)) size_t fill(size_t n)
	{
		items.resize(n);
		return items.size();
	}

private:
	std::vector<Item> items;
};

__attribute__((noinline)) size_t refuse(size_t n)
{
	try {
		throw std::runtime_error(std::string(200000, 'x'));
	} catch (const std::exception &reason) {
		return std::string(reason.what()).size() + n;
	}
}

} // namespace shop

int main()
{
	shop::Shelf<double> shelf;
	size_t sum = 0;

	for (size_t n = 1; n < 5; n++)
		sum += shelf.fill(n * 50000) + shop::refuse(n);
	return sum == 0;
}
