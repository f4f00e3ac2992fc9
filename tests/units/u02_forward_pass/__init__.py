"""Tests of the unit u03_backprop."""
