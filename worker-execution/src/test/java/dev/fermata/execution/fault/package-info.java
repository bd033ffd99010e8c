/**
 * What may befall whoever runs a plan, at every place of it: sessions and lines are cut, workers stopped and killed, servers
 * restarted. Workers are processes of their own here; each stops where it has come to until it is told to go on.
 */
@NullMarked
package dev.fermata.execution.fault;

import org.jspecify.annotations.NullMarked;
