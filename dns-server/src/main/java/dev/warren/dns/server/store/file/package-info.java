/**
 * The packet store in a folder: H2's MVStore, with a log in front of it. Needs {@code h2-mvstore},
 * which is an optional dependency.
 *
 * <p>MVStore alone can be made durable (a commit and a sync for each group of packets), but not at
 * a good rate: it writes a page of several KiB for each packet, besides its own tables, so with a
 * million keys a group of 32 packets took MVSTORE_GROUP_MS ms. And where its file is cut off, it
 * silently goes back to an earlier version. So packets are acknowledged when they are in a log with
 * checksums, MVStore gets thousands at once, and each of the two knows what the other must hold.
 */
@NullMarked
package dev.warren.dns.server.store.file;

import org.jspecify.annotations.NullMarked;
