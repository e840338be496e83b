/**
 * A small internet of Linux network namespaces, with routers that translate addresses as real ones
 * do. For tests only; needs root, iproute2, nftables, iptables (its nft form) and python3.
 */
@NullMarked
package dev.warren.testlab.nat;

import org.jspecify.annotations.NullMarked;
