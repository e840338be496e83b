/** Pure codecs: connection ids, the identity certificate, server names. */
@NullMarked
package dev.warren.core.wire;

import org.jspecify.annotations.NullMarked;
