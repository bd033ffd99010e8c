/** The first policy: what may run without anybody being asked, and who may answer when somebody is. Pure. */
@NullMarked
package dev.fermata.supervisor.policy;

import org.jspecify.annotations.NullMarked;
