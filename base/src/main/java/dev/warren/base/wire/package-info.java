/** Pure codecs: base32 alphabets, postcard, curve points. */
@NullMarked
package dev.warren.base.wire;

import org.jspecify.annotations.NullMarked;
