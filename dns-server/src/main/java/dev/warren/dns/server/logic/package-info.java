/** What is answered to whom, without sockets; time is an argument. */
@NullMarked
package dev.warren.dns.server.logic;

import org.jspecify.annotations.NullMarked;
