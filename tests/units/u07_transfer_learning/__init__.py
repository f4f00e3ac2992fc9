"""Tests of the unit u07_transfer_learning."""
