/** Pure codecs: disco messages and their sealing, telling datagrams apart. */
@NullMarked
package dev.warren.magicsock.wire;

import org.jspecify.annotations.NullMarked;
